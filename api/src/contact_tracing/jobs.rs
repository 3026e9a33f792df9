//! Sweeps.

use std::time::Duration;

use super::{rules, store};
use crate::{deps::Deps, jobs::Sweep, platform::db::begin_write};

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
