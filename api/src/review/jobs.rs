//! Sweeps.

use std::time::Duration;

use super::{reckoning, store, ticking};
use crate::{deps::Deps, jobs::Sweep, platform::db::begin_write};

/// Cases forgotten at a time.
const FORGOTTEN: u64 = 200;

/// Does what the clocks of cases are due to do: remind, book what was promised and not kept, escalate,
/// decide.
#[derive(Debug)]
pub struct RunClocks;

impl Sweep for RunClocks {
    const NAME: &'static str = "review.run_clocks";
    const EVERY: Duration = Duration::from_secs(10);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(ticking::run_due(deps).await?)
    }
}

/// Works the limits of running clocks out again once the working calendar says something else.
#[derive(Debug)]
pub struct ReckonAgain;

impl Sweep for ReckonAgain {
    const NAME: &'static str = "review.reckon_again";
    const EVERY: Duration = Duration::from_secs(30);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(reckoning::reckon_again(deps).await?)
    }
}

/// Forgets cases, with their steps and contacts, as long after their end as decisions are kept. The log keeps that
/// there were any.
#[derive(Debug)]
pub struct ForgetClosed;

impl Sweep for ForgetClosed {
    const NAME: &'static str = "review.forget_closed";
    const EVERY: Duration = Duration::from_mins(10);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        let before = deps.clock.now() - deps.retention.decisions();
        let tx = begin_write(&deps.db).await?;
        let forgotten = store::forgetting::forget(&tx, before, FORGOTTEN).await?;
        tx.commit().await?;
        Ok(forgotten)
    }
}
