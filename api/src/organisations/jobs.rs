//! Sweeps.

use std::time::Duration;

use super::acting;
use crate::{deps::Deps, jobs::Sweep};

/// Forgets log-ins of units that are long over. The log keeps what was done in them.
#[derive(Debug)]
pub struct ForgetSessions;

impl Sweep for ForgetSessions {
    const NAME: &'static str = "organisations.forget_sessions";
    const EVERY: Duration = Duration::from_hours(1);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(acting::forget_old(deps).await?)
    }
}
