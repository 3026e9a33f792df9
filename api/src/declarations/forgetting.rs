//! What is old of what people reported: for whoever decides what of it still has an effect.

use chrono::{DateTime, NaiveDate, Utc};
use entity::values::{CheckInId, DeclarationId, PersonId};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};

use super::store::forgetting as store;
use crate::{
    http::page::Place,
    platform::clock::{local_date, midnight},
};

/// Whose declarations from before `before` come next, the oldest first, after `after`: up to `most` of these, each
/// with its place, and whether another one replaced it.
pub async fn declared_before(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
    after: Option<Place>,
    most: u64,
) -> Result<Vec<(Place, PersonId, bool)>, DbErr> {
    let rows = store::declared_before(db, before, after, most).await?;
    let whose = |(at, id, person, replaced): (DateTime<Utc>, DeclarationId, PersonId, bool)| {
        let place = Place { at, id: id.0 };
        (place, person, replaced)
    };
    Ok(rows.into_iter().map(whose).collect())
}

/// The same of check-ins of local days before `before`, and whether whoever made one reported how they are since.
/// Their places are the beginnings of these days.
pub async fn checked_in_before(
    db: &impl ConnectionTrait,
    before: NaiveDate,
    after: Option<Place>,
    most: u64,
) -> Result<Vec<(Place, PersonId, bool)>, DbErr> {
    let after = after.map(|place| (local_date(place.at), PersonId(place.id)));
    let rows = store::checked_in_before(db, before, after, most).await?;
    let whose = |(day, person, since): (NaiveDate, PersonId, bool)| {
        let place = Place {
            at: midnight(day),
            id: person.0,
        };
        (place, person, since)
    };
    Ok(rows.into_iter().map(whose).collect())
}

/// Forget what `person` declared before `before`, but for `kept`, as part of the transaction `tx`. Whoever calls
/// has seen to it that nothing depends on it. Returns how many declarations there were.
pub async fn forget_declarations(
    tx: &DatabaseTransaction,
    person: PersonId,
    before: DateTime<Utc>,
    kept: &[DeclarationId],
) -> Result<u64, DbErr> {
    store::forget_declarations(tx, person, before, kept).await
}

/// The same of check-ins of local days before `before`.
pub async fn forget_check_ins(
    tx: &DatabaseTransaction,
    person: PersonId,
    before: NaiveDate,
    kept: &[CheckInId],
) -> Result<u64, DbErr> {
    store::forget_check_ins(tx, person, before, kept).await
}
