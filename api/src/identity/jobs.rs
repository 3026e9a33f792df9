//! Sweeps.

use std::time::Duration;

use super::service::liveness;
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
