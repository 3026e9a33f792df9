//! Sweeps.

use std::time::Duration;

use super::service::{liveness, sessions};
use crate::{deps::Deps, jobs::Sweep};

/// Tells the shared store of sessions that ended while it was away (S9).
#[derive(Debug)]
pub struct PublishEndings;

impl Sweep for PublishEndings {
    const NAME: &'static str = "identity.publish_endings";
    const EVERY: Duration = Duration::from_secs(2);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(liveness::publish_endings(deps).await?)
    }
}

/// Forgets sessions that nobody asks about any more, and their refresh tokens.
#[derive(Debug)]
pub struct ForgetSessions;

impl Sweep for ForgetSessions {
    const NAME: &'static str = "identity.forget_sessions";
    const EVERY: Duration = Duration::from_hours(1);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(sessions::forget_old(deps).await?)
    }
}
