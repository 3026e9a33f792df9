//! Sweeps.

use std::time::Duration;

use super::{look_ups, upkeep};
use crate::{deps::Deps, jobs::Sweep};

/// Counts who came where in which hour. What it has not come to is counted by whoever reads. While the service is
/// so reduced that nobody reads, it waits.
#[derive(Debug)]
pub struct CountVisits;

impl Sweep for CountVisits {
    const NAME: &'static str = "visits.count";
    const EVERY: Duration = Duration::from_secs(30);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        if !deps.admission.counts() {
            return Ok(0);
        }
        Ok(upkeep::count_visits(deps).await?)
    }
}

/// Makes the days that visits can be written down on, before they come.
#[derive(Debug)]
pub struct MakeDays;

impl Sweep for MakeDays {
    const NAME: &'static str = "visits.make_days";
    const EVERY: Duration = Duration::from_mins(10);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(upkeep::make_days(deps).await?)
    }
}

/// Deletes the visits of days whose time is over, and signs for it.
#[derive(Debug)]
pub struct DeleteDays;

impl Sweep for DeleteDays {
    const NAME: &'static str = "visits.delete_days";
    const EVERY: Duration = Duration::from_mins(30);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(upkeep::delete_day(deps).await?)
    }
}

/// Forgets whom the staff of venues looked up as long ago as visits are kept.
#[derive(Debug)]
pub struct ForgetLookUps;

impl Sweep for ForgetLookUps {
    const NAME: &'static str = "visits.forget_look_ups";
    const EVERY: Duration = Duration::from_mins(10);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(look_ups::forget(deps).await?)
    }
}
