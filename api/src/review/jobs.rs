//! Sweeps.

use std::time::Duration;

use super::{reckoning, ticking};
use crate::{deps::Deps, jobs::Sweep};

/// Does what the clocks of cases are due to do: remind, book what was promised and not kept, escalate,
/// decide.
#[derive(Debug)]
pub struct RunClocks;

impl Sweep for RunClocks {
    const NAME: &'static str = "review.run_clocks";
    const EVERY: Duration = Duration::from_secs(10);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(ticking::run_due(deps).await?)
    }
}

/// Works the limits of running clocks out again once the working calendar says something else.
#[derive(Debug)]
pub struct ReckonAgain;

impl Sweep for ReckonAgain {
    const NAME: &'static str = "review.reckon_again";
    const EVERY: Duration = Duration::from_secs(30);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(reckoning::reckon_again(deps).await?)
    }
}
