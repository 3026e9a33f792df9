//! Sweeps.

use std::time::Duration;

use super::marking;
use crate::{deps::Deps, jobs::Sweep};

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
