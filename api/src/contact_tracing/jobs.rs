//! Sweeps.

use std::time::Duration;

use super::{rules, store, telling};
use crate::{deps::Deps, jobs::Sweep, platform::db::begin_write};

/// Tells people that their visits were released.
#[derive(Debug)]
pub struct TellReleased;

impl Sweep for TellReleased {
    const NAME: &'static str = "contact_tracing.tell_released";
    const EVERY: Duration = Duration::from_secs(10);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(telling::tell(deps).await?)
    }
}

/// Forgets whose visits were released, as long after that as visits are kept.
#[derive(Debug)]
pub struct ForgetReleases;

impl Sweep for ForgetReleases {
    const NAME: &'static str = "contact_tracing.forget_releases";
    const EVERY: Duration = Duration::from_mins(10);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        let before = deps.clock.now() - deps.visiting.kept() - rules::WAITS;
        let tx = begin_write(&deps.db).await?;
        let forgotten = store::forget(&tx, before).await?;
        tx.commit().await?;
        Ok(forgotten)
    }
}
