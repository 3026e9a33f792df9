//! Sweeps.

use std::time::Duration;

use super::{delivering, upkeep};
use crate::{deps::Deps, jobs::Sweep};

/// Sends what is due.
#[derive(Debug)]
pub struct DeliverDue;

impl Sweep for DeliverDue {
    const NAME: &'static str = "notifications.deliver";
    const EVERY: Duration = Duration::from_secs(2);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        delivering::deliver_due(deps).await
    }
}

/// Forgets what was sent, withdrawn or tried too often, once it is old.
#[derive(Debug)]
pub struct ForgetOld;

impl Sweep for ForgetOld {
    const NAME: &'static str = "notifications.forget_old";
    const EVERY: Duration = Duration::from_mins(10);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(upkeep::forget_old(deps).await?)
    }
}

/// Shows how much waits.
#[derive(Debug)]
pub struct Measure;

impl Sweep for Measure {
    const NAME: &'static str = "notifications.measure";
    const EVERY: Duration = Duration::from_secs(15);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        upkeep::measure(deps).await?;
        Ok(0)
    }
}
