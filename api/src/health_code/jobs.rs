//! Sweeps.

use std::time::Duration;

use super::{assessing, marking};
use crate::{deps::Deps, jobs::Sweep};

/// Assesses everybody whose colour needs another look.
#[derive(Debug)]
pub struct AssessMarked;

impl Sweep for AssessMarked {
    const NAME: &'static str = "health_code.assess_marked";
    const EVERY: Duration = Duration::from_secs(2);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        assessing::assess_due(deps).await
    }
}

/// Asks for another look at everybody whose colour time alone has changed.
#[derive(Debug)]
pub struct MarkDue;

impl Sweep for MarkDue {
    const NAME: &'static str = "health_code.mark_due";
    const EVERY: Duration = Duration::from_secs(30);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        assessing::mark_due(deps).await
    }
}

/// Asks for another look at everybody whom a rule concerns that came into force or ended.
#[derive(Debug)]
pub struct MarkRuled;

impl Sweep for MarkRuled {
    const NAME: &'static str = "health_code.mark_ruled";
    const EVERY: Duration = Duration::from_secs(5);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(marking::mark_ruled(deps).await?)
    }
}
