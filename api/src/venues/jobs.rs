//! Sweeps.

use std::time::Duration;

use super::doors;
use crate::{deps::Deps, jobs::Sweep};

/// Has this process hear of venues that changed.
#[derive(Debug)]
pub struct WatchDoors;

impl Sweep for WatchDoors {
    const NAME: &'static str = "venues.watch_doors";
    const EVERY: Duration = Duration::from_secs(1);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        doors::watch(deps).await?;
        Ok(0)
    }
}
