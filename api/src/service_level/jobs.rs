//! Sweeps.

use std::time::Duration;

use super::watching;
use crate::{deps::Deps, jobs::Sweep};

/// Looks at how this process does, and reduces it or frees it.
#[derive(Debug)]
pub struct Watch;

impl Sweep for Watch {
    const NAME: &'static str = "service_level.watch";
    const EVERY: Duration = Duration::from_secs(1);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        watching::look(deps).await?;
        Ok(0)
    }
}
