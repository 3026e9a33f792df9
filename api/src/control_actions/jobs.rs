//! Sweeps.

use std::time::Duration;

use chrono::TimeDelta;

use super::store;
use crate::{deps::Deps, jobs::Sweep};

/// Control actions forgotten at a time.
const BATCH: u64 = 1_000;

/// Forgets who was turned away, some time after that was closed. The log keeps that somebody was.
#[derive(Debug)]
pub struct ForgetClosed;

impl Sweep for ForgetClosed {
    const NAME: &'static str = "control_actions.forget_closed";
    const EVERY: Duration = Duration::from_hours(1);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        let kept = TimeDelta::days(deps.venues.refusals_kept_days.into());
        Ok(store::forget(&deps.db, deps.clock.now() - kept, BATCH).await?)
    }
}
