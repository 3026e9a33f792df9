//! Sweeps.

use std::time::Duration;

use super::deciding;
use crate::{deps::Deps, jobs::Sweep};

/// Ends requests that were not approved in time, undone.
#[derive(Debug)]
pub struct LetLapse;

impl Sweep for LetLapse {
    const NAME: &'static str = "overrides.let_lapse";
    const EVERY: Duration = Duration::from_mins(1);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(deciding::let_lapse(deps).await?)
    }
}
