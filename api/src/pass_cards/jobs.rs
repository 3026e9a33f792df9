//! Sweeps.

use std::time::Duration;

use super::{
    comparing,
    store::forgetting::{self, Limits},
    upkeep,
};
use crate::{deps::Deps, jobs::Sweep, platform::db::begin_write};

/// Applications forgotten at a time.
const FORGOTTEN: u64 = 200;

/// Answers the applications whose data comparison has run.
#[derive(Debug)]
pub struct AnswerCompared;

impl Sweep for AnswerCompared {
    const NAME: &'static str = "pass_cards.answer_compared";
    const EVERY: Duration = Duration::from_secs(2);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(comparing::answer(deps).await?)
    }
}

/// Reminds of cards that end, ends them, and gives a place in the lists of permits to those that have none.
#[derive(Debug)]
pub struct LookAfterCards;

impl Sweep for LookAfterCards {
    const NAME: &'static str = "pass_cards.look_after";
    const EVERY: Duration = Duration::from_secs(30);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        let enlisted = upkeep::enlist_missing(deps).await?;
        Ok(enlisted + upkeep::look_after(deps).await?)
    }
}

/// Forgets applications, with their cards and marks, some time after all of these are over. Serials are not given anew,
/// and the case stays as long as decisions do.
#[derive(Debug)]
pub struct ForgetOver;

impl Sweep for ForgetOver {
    const NAME: &'static str = "pass_cards.forget_over";
    const EVERY: Duration = Duration::from_mins(10);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        let now = deps.clock.now();
        let before = Limits {
            passes: now - deps.retention.passes(),
            marks: now - deps.retention.decisions(),
        };
        let tx = begin_write(&deps.db).await?;
        let forgotten = forgetting::forget(&tx, before, FORGOTTEN).await?;
        tx.commit().await?;
        Ok(forgotten)
    }
}
