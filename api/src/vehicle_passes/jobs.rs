//! Sweeps.

use std::time::Duration;

use super::{authorising, inviting, upkeep};
use crate::{deps::Deps, jobs::Sweep};

/// Tells holders when their passes count no more, or count again, and when they end.
pub struct LookAfterPasses;

impl Sweep for LookAfterPasses {
    const NAME: &'static str = "vehicle_passes.look_after";
    const EVERY: Duration = Duration::from_secs(5);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(upkeep::look_after(deps).await?)
    }
}

/// Asks the registry of vehicles again where it did not answer.
pub struct AskRegistry;

impl Sweep for AskRegistry {
    const NAME: &'static str = "vehicle_passes.ask_registry";
    const EVERY: Duration = Duration::from_mins(1);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(upkeep::ask_registry(deps).await?)
    }
}

/// Tells people that they were asked aboard.
pub struct TellAsked;

impl Sweep for TellAsked {
    const NAME: &'static str = "vehicle_passes.tell_asked";
    const EVERY: Duration = Duration::from_secs(5);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(inviting::tell_asked(deps).await?)
    }
}

/// Forgets drafts that nobody goes on with, what was uploaded for what is long over, and leave that was over
/// long ago.
pub struct ForgetDrafts;

impl Sweep for ForgetDrafts {
    const NAME: &'static str = "vehicle_passes.forget_drafts";
    const EVERY: Duration = Duration::from_hours(1);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(upkeep::forget_drafts(deps).await?
            + upkeep::forget_decided(deps).await?
            + authorising::forget_old(deps).await?)
    }
}
