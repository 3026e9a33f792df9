//! Sweeps.

use std::time::Duration;

use super::{assessing, dry_run, marking, retaining};
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

/// Holds the rules that came into force against their dry runs; one that does otherwise ends.
#[derive(Debug)]
pub struct WatchRules;

impl Sweep for WatchRules {
    const NAME: &'static str = "health_code.watch_rules";
    const EVERY: Duration = Duration::from_secs(15);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        dry_run::watch(deps).await
    }
}

/// Tries the rules that were proposed: what they would do to everybody's colour.
#[derive(Debug)]
pub struct TryProposed;

impl Sweep for TryProposed {
    const NAME: &'static str = "health_code.try_proposed";
    const EVERY: Duration = Duration::from_secs(10);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        dry_run::try_proposed(deps).await
    }
}

/// Forgets what is recorded about people, once its time is over and it makes no difference to any colour.
#[derive(Debug)]
pub struct ForgetRecords;

impl Sweep for ForgetRecords {
    const NAME: &'static str = "health_code.forget_records";
    const EVERY: Duration = Duration::from_mins(5);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(retaining::forget_records(deps).await?)
    }
}

/// Forgets when and why colours changed, as long after that as decisions are kept.
#[derive(Debug)]
pub struct ForgetChanges;

impl Sweep for ForgetChanges {
    const NAME: &'static str = "health_code.forget_changes";
    const EVERY: Duration = Duration::from_mins(10);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(retaining::forget_changes(deps).await?)
    }
}
