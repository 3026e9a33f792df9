//! Sweeps.

use std::time::Duration;

use super::{deciding, store};
use crate::{deps::Deps, jobs::Sweep, platform::db::begin_write};

/// Requests forgotten at a time: each names up to fifty people.
const FORGOTTEN: u64 = 50;

/// Ends requests that were not approved in time, undone.
#[derive(Debug)]
pub struct LetLapse;

impl Sweep for LetLapse {
    const NAME: &'static str = "overrides.let_lapse";
    const EVERY: Duration = Duration::from_mins(1);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(deciding::let_lapse(deps).await?)
    }
}

/// Forgets requests, with whom they named, as long after their end as decisions are kept.
#[derive(Debug)]
pub struct ForgetOver;

impl Sweep for ForgetOver {
    const NAME: &'static str = "overrides.forget_over";
    const EVERY: Duration = Duration::from_hours(1);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        let before = deps.clock.now() - deps.retention.decisions();
        let tx = begin_write(&deps.db).await?;
        let forgotten = store::forgetting::forget(&tx, before, FORGOTTEN).await?;
        tx.commit().await?;
        Ok(forgotten)
    }
}
