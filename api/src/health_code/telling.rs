//! What other features ask about a person's colour.

use chrono::{DateTime, Utc};
use entity::{
    assessment,
    values::{Colour, PersonId},
};
use sea_orm::{ConnectionTrait, DbErr, sea_query::SelectStatement};

use super::{
    error::Error,
    loading,
    rules::{self, Verdict},
    showing, store,
};
use crate::{deps::Deps, facts::Shown, policy};

/// The last data comparison of `person`, if there was one.
pub async fn last_comparison(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Option<assessment::Model>, DbErr> {
    store::assessment(db, person).await
}

/// The people whose declaration was compared, each with the version of the last comparison: a query
/// of `person_id` and `version`, to be part of another.
#[must_use]
pub fn compared() -> SelectStatement {
    store::compared()
}

/// The people who show another colour than green, as far as they were assessed: a query of `person_id`, to
/// be part of another.
#[must_use]
pub fn coloured() -> SelectStatement {
    store::coloured()
}

/// What `person` shows now, and every reason for it, as the transaction that `db` is sees it.
pub async fn verdict_now(
    db: &impl ConnectionTrait,
    deps: &Deps,
    person: PersonId,
) -> Result<Verdict, Error> {
    let now = deps.clock.now();
    let loaded = loading::load(db, deps, person, None).await?;
    let policy = policy::in_force(deps, now).await?;
    Ok(rules::decide(&loaded.facts, &policy, now))
}

/// What somebody shows at this moment, from whichever store answers first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiveColour {
    /// The colour.
    pub colour: Colour,
    /// The test to show beside it.
    pub latest_test: Option<Shown>,
    /// Whether neither store answers, and this is what was known before.
    pub stale: bool,
}

/// What `person` shows, as verifiers are told it. None if there is no such person.
pub async fn live_colour(
    deps: &Deps,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Option<LiveColour>, Error> {
    live_colour_by(&deps.db, deps, person, now).await
}

/// The same, where `db` is asked for what neither this process nor the short-lived store knows: whoever
/// holds a transaction waits for no second connection.
pub async fn live_colour_by(
    db: &impl ConnectionTrait,
    deps: &Deps,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Option<LiveColour>, Error> {
    let live = showing::live_snapshot(db, deps, person.number(), now).await?;
    Ok(live.map(|(snapshot, stale)| LiveColour {
        colour: snapshot.colour,
        latest_test: snapshot.latest_test,
        stale,
    }))
}

/// What a gate sees of somebody's code, from whichever store answers first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveCode {
    /// The colour.
    pub colour: Colour,
    /// The name as bystanders may see it; none until it is verified.
    pub masked_name: Option<String>,
    /// The test to show beside the colour.
    pub latest_test: Option<Shown>,
    /// Whether neither store answers, and this is what was known before.
    pub stale: bool,
}

/// What the code of the person with `number` shows at a gate. None if nobody has that number.
pub async fn live_code(
    deps: &Deps,
    number: i64,
    now: DateTime<Utc>,
) -> Result<Option<LiveCode>, Error> {
    let live = showing::live_snapshot(&deps.db, deps, number, now).await?;
    Ok(live.map(|(snapshot, stale)| LiveCode {
        colour: snapshot.colour,
        masked_name: snapshot.masked_name.clone(),
        latest_test: snapshot.latest_test,
        stale,
    }))
}
