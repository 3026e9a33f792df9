//! Sweeps.

use std::time::Duration;

use super::marking;
use crate::{deps::Deps, jobs::Sweep};

/// Asks for another look at everybody who stayed where a level begins, is lifted or ends.
#[derive(Debug)]
pub struct MarkStayed;

impl Sweep for MarkStayed {
    const NAME: &'static str = "facts.mark_stayed";
    const EVERY: Duration = Duration::from_secs(5);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(marking::mark_stayed(deps).await?)
    }
}
