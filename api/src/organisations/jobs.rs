//! Sweeps.

use std::time::Duration;

use chrono::TimeDelta;

use super::{acting, store};
use crate::{deps::Deps, jobs::Sweep};

/// Agents forgotten at a time.
const BATCH: u64 = 1_000;

/// Forgets log-ins of units that are long over. The log keeps what was done in them.
#[derive(Debug)]
pub struct ForgetSessions;

impl Sweep for ForgetSessions {
    const NAME: &'static str = "organisations.forget_sessions";
    const EVERY: Duration = Duration::from_hours(1);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(acting::forget_old(deps).await?)
    }
}

/// Forgets people who do not act for a unit any more, or never did, and their phones.
#[derive(Debug)]
pub struct ForgetAgents;

impl Sweep for ForgetAgents {
    const NAME: &'static str = "organisations.forget_agents";
    const EVERY: Duration = Duration::from_hours(1);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        let kept = TimeDelta::days(deps.organisations.agents_kept_days.into());
        Ok(store::agents::forget(&deps.db, deps.clock.now() - kept, BATCH).await?)
    }
}
