//! What is old of what is known about people: for whoever decides what of it still has an effect.

use chrono::{DateTime, Utc};
use entity::values::{FactId, PersonId};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};

use super::store::forgetting as store;
use crate::http::page::Place;

/// Whose samples that were taken before `before` come next, the oldest first, after `after`: up to `most` reports of
/// these, each with its place, and whether another sample was taken since.
pub async fn sampled_before(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
    after: Option<Place>,
    most: u64,
) -> Result<Vec<(Place, PersonId, bool)>, DbErr> {
    let rows = store::sampled_before(db, before, after, most).await?;
    let whose = |(at, person, since): (DateTime<Utc>, PersonId, bool)| {
        let place = Place { at, id: person.0 };
        (place, person, since)
    };
    Ok(rows.into_iter().map(whose).collect())
}

/// About whom facts that happened before `before` come next, the one that happened first first, after `after`: up to
/// `most` of these, each with its place.
pub async fn happened_before(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
    after: Option<Place>,
    most: u64,
) -> Result<Vec<(Place, PersonId)>, DbErr> {
    let rows = store::happened_before(db, before, after, most).await?;
    let whose = |(at, id, person): (DateTime<Utc>, FactId, PersonId)| {
        let place = Place { at, id: id.0 };
        (place, person)
    };
    Ok(rows.into_iter().map(whose).collect())
}

/// Forget what was reported of `person`'s samples that were taken and recorded before `before`, but for the samples
/// `kept`, as part of the transaction `tx`. Whoever calls has seen to it that nothing depends on it. Returns how many
/// reports there were.
pub async fn forget_reports(
    tx: &DatabaseTransaction,
    person: PersonId,
    before: DateTime<Utc>,
    kept: &[String],
) -> Result<u64, DbErr> {
    store::forget_reports(tx, person, before, kept).await
}

/// The same of facts that were recorded and ended, or were withdrawn, before `before`.
pub async fn forget_facts(
    tx: &DatabaseTransaction,
    person: PersonId,
    before: DateTime<Utc>,
    kept: &[FactId],
) -> Result<u64, DbErr> {
    store::forget_facts(tx, person, before, kept).await
}
