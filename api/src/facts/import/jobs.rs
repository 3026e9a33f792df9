//! Sweeps.

use std::time::Duration;

use super::receiving;
use crate::{deps::Deps, jobs::Sweep};

/// Brings in files that came through the API.
#[derive(Debug)]
pub struct BringInWaiting;

impl Sweep for BringInWaiting {
    const NAME: &'static str = "facts.bring_in_waiting";
    const EVERY: Duration = Duration::from_secs(5);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(receiving::bring_in_waiting(deps).await?)
    }
}
