//! Sweeps.

use std::time::Duration;

use super::service::sessions;
use crate::{deps::Deps, jobs::Sweep};

/// Forgets sessions of staff that are long over. The log keeps what was done in them.
#[derive(Debug)]
pub struct ForgetSessions;

impl Sweep for ForgetSessions {
    const NAME: &'static str = "staff.forget_sessions";
    const EVERY: Duration = Duration::from_hours(1);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(sessions::forget_old(deps).await?)
    }
}
