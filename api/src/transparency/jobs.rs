//! Sweeps.

use std::time::Duration;

use super::{sequencing, store};
use crate::{deps::Deps, jobs::Sweep};

/// Gives what was recorded its place in the log, and signs what the log is then.
#[derive(Debug)]
pub struct GivePlaces;

impl Sweep for GivePlaces {
    const NAME: &'static str = "transparency.give_places";
    const EVERY: Duration = Duration::from_secs(2);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(sequencing::give_places(deps).await?)
    }
}

/// Forgets checkpoints that later ones follow, a week later.
#[derive(Debug)]
pub struct ForgetCheckpoints;

impl Sweep for ForgetCheckpoints {
    const NAME: &'static str = "transparency.forget_checkpoints";
    const EVERY: Duration = Duration::from_mins(10);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        let kept = sequencing::oldest_kept(deps).await?;
        let before = deps.clock.now() - sequencing::CHECKPOINTS_KEPT;
        Ok(store::forget(&deps.db, kept, before).await?)
    }
}
