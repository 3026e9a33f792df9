//! Sweeps.

use std::time::Duration;

use super::{marking, reminding};
use crate::{deps::Deps, jobs::Sweep};

/// Reminds those who usually check in and have not today (N2).
#[derive(Debug)]
pub struct RemindToCheckIn;

impl Sweep for RemindToCheckIn {
    const NAME: &'static str = "declarations.remind_to_check_in";
    const EVERY: Duration = Duration::from_mins(1);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(reminding::remind(deps).await?)
    }
}

/// Asks for another look at everybody who lives where a region opens or closes.
#[derive(Debug)]
pub struct MarkOpened;

impl Sweep for MarkOpened {
    const NAME: &'static str = "declarations.mark_opened";
    const EVERY: Duration = Duration::from_secs(5);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(marking::mark_opened(deps).await?)
    }
}
