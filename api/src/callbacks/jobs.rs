//! Sweeps.

use std::time::Duration;

use super::service;
use crate::{deps::Deps, jobs::Sweep};

/// Forgets messages that no platform delivers again.
#[derive(Debug)]
pub struct ForgetEvents;

impl Sweep for ForgetEvents {
    const NAME: &'static str = "callbacks.forget_events";
    const EVERY: Duration = Duration::from_mins(10);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(service::forget_old(deps).await?)
    }
}
