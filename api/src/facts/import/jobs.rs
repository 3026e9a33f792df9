//! Sweeps.

use std::time::Duration;

use chrono::TimeDelta;

use super::{batches, receiving};
use crate::{deps::Deps, facts::rules::FACTS_COUNT_FOR, jobs::Sweep};

/// Findings, or files, forgotten at a time.
const FORGOTTEN: u64 = 2_000;

/// Brings in files that came through the API.
#[derive(Debug)]
pub struct BringInWaiting;

impl Sweep for BringInWaiting {
    const NAME: &'static str = "facts.bring_in_waiting";
    const EVERY: Duration = Duration::from_secs(5);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(receiving::bring_in_waiting(deps).await?)
    }
}

/// Forgets that files were brought in, and what was found in their rows, once nothing of them could be recorded any
/// more: until then nobody brings one in a second time.
#[derive(Debug)]
pub struct ForgetFiles;

impl Sweep for ForgetFiles {
    const NAME: &'static str = "facts.forget_files";
    const EVERY: Duration = Duration::from_hours(1);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        let before = deps.clock.now() - FACTS_COUNT_FOR - TimeDelta::days(1);
        let findings = batches::forget_findings(&deps.db, before, FORGOTTEN).await?;
        Ok(findings + batches::forget(&deps.db, before, FORGOTTEN).await?)
    }
}
