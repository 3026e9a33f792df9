//! Sweeps: work that no request waits for. The row is the job.

use std::{future::Future, time::Duration};

use crate::deps::Deps;

/// A bounded amount of work that takes no input, finds its own rows, and is harmless twice.
pub trait Sweep {
    /// `feature.what_it_does`.
    const NAME: &'static str;
    /// How often each node runs it.
    const EVERY: Duration;

    /// Do what is due. Returns how much was done.
    fn run(deps: &Deps) -> impl Future<Output = anyhow::Result<u64>>;
}
