//! Sweeps.

use std::time::Duration;

use super::{comparing, upkeep};
use crate::{deps::Deps, jobs::Sweep};

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
