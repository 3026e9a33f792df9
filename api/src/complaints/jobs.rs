//! Sweeps.

use std::time::Duration;

use super::store;
use crate::{deps::Deps, jobs::Sweep};

/// Complaints forgotten at a time.
const BATCH: u64 = 1_000;

/// Forgets complaints as long after their end as decisions are kept. What waits for an answer stays.
#[derive(Debug)]
pub struct ForgetAnswered;

impl Sweep for ForgetAnswered {
    const NAME: &'static str = "complaints.forget_answered";
    const EVERY: Duration = Duration::from_hours(1);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        let before = deps.clock.now() - deps.retention.decisions();
        Ok(store::forget(&deps.db, before, BATCH).await?)
    }
}
