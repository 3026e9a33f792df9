//! "This person's colour needs another look."
//!
//! Whoever records something that may alter a colour marks the person in the same transaction; the
//! colour engine drains the marks. So facts never call the engine, and none is forgotten.

mod store;

use chrono::{DateTime, TimeDelta, Utc};
use entity::values::PersonId;
use sea_orm::{ConnectionTrait, DbErr};

/// How long one look may take before another instance looks too.
pub const LEASE: TimeDelta = TimeDelta::seconds(30);

/// A claimed mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Whose colour.
    pub person: PersonId,
    /// The mark's generation when it was claimed.
    pub generation: i64,
}

/// Ask for another look at `person`, as part of the transaction `tx`.
pub async fn mark(
    tx: &impl ConnectionTrait,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    store::upsert(tx, person, now).await
}

/// Ask for another look at `person`, unless somebody has. `true` if this call asked.
pub async fn mark_unless_marked(
    db: &impl ConnectionTrait,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    store::insert(db, person, now).await
}

/// Claim up to `most` marks that are due. A claim that is not finished within [`LEASE`] is made again.
pub async fn claim(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    most: u64,
) -> Result<Vec<Mark>, DbErr> {
    let mut claimed = Vec::new();
    for due in store::due(db, now, most).await? {
        if store::postpone(db, &due, now + LEASE).await? {
            claimed.push(Mark {
                person: due.person_id,
                generation: due.generation,
            });
        }
    }
    Ok(claimed)
}

/// Finish `mark`, as part of the transaction that looked. A mark made meanwhile stays, and is due.
pub async fn finish(tx: &impl ConnectionTrait, mark: Mark) -> Result<(), DbErr> {
    store::remove(tx, mark.person, mark.generation).await
}

/// How many marks wait.
pub async fn backlog(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    store::count(db).await
}
