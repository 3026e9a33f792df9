//! Sweeps.

use std::time::Duration;

use metrics::gauge;

use super::store;
use crate::{deps::Deps, jobs::Sweep};

/// Corrections forgotten at a time.
const BATCH: u64 = 1_000;

/// Counts what waits for a decision, and what waits for longer than was promised.
#[derive(Debug)]
pub struct Measure;

impl Sweep for Measure {
    const NAME: &'static str = "corrections.measure";
    const EVERY: Duration = Duration::from_mins(1);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        let now = deps.clock.now();
        let waiting = store::count_open(&deps.db, None).await?;
        let overdue = store::count_open(&deps.db, Some(now)).await?;
        gauge!("corrections_waiting").set(number(waiting));
        gauge!("corrections_overdue").set(number(overdue));
        if overdue > 0 {
            tracing::warn!(
                overdue,
                "{overdue} corrections were to be decided before now"
            );
        }
        Ok(0)
    }
}

/// Forgets corrections as long after they were decided as decisions are kept.
#[derive(Debug)]
pub struct ForgetDecided;

impl Sweep for ForgetDecided {
    const NAME: &'static str = "corrections.forget_decided";
    const EVERY: Duration = Duration::from_hours(1);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        let before = deps.clock.now() - deps.retention.decisions();
        Ok(store::forget(&deps.db, before, BATCH).await?)
    }
}

fn number(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
