//! Sweeps.

use std::time::Duration;

use super::counting;
use crate::{deps::Deps, jobs::Sweep};

/// Counts each local day once it is over, a thousand people at a time, and publishes it.
#[derive(Debug)]
pub struct CountDays;

impl Sweep for CountDays {
    const NAME: &'static str = "daily_counts.count_days";
    const EVERY: Duration = Duration::from_mins(1);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(counting::go_on(deps).await?)
    }
}
