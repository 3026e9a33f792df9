//! "This person's colour needs another look."
//!
//! Whoever records something that may alter a colour marks the person in the same transaction; the
//! colour engine drains the marks. So facts never call the engine, and none is forgotten.

mod own_data;
mod store;

pub use own_data::Marks;

use chrono::{DateTime, TimeDelta, Utc};
use entity::values::PersonId;
use sea_orm::{
    ConnectionTrait, DbErr,
    sea_query::SelectStatement,
    sqlx::{self, PgConnection},
};

/// How long one look may take before another instance looks too.
pub const LEASE: TimeDelta = TimeDelta::seconds(30);

/// A claimed mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Whose colour.
    pub person: PersonId,
    /// The mark's generation when it was claimed.
    pub generation: i64,
    /// When it is due: until then it is claimed.
    pub until: DateTime<Utc>,
}

/// How far a fact goes ahead of those whom time or a rule concerns: of these there may be millions, and
/// what was recorded shows within a minute.
const AHEAD: TimeDelta = TimeDelta::days(1);

/// Ask for another look at `person`, as part of the transaction `tx`.
pub async fn mark(
    tx: &impl ConnectionTrait,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    store::upsert(tx, person, now - AHEAD).await
}

/// Ask for another look at each of `people`, as part of the transaction `tx`.
pub async fn mark_all(
    tx: &impl ConnectionTrait,
    people: &[PersonId],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    store::upsert_all(tx, people, now - AHEAD).await
}

/// The same for many whom a rule concerns: they wait for those of whom something was recorded.
pub async fn mark_all_in_turn(
    tx: &impl ConnectionTrait,
    people: &[PersonId],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    store::upsert_all(tx, people, now).await
}

/// The same as part of a transaction of PostgreSQL's that SeaORM does not hold.
pub async fn mark_all_in(
    tx: &mut PgConnection,
    people: &[PersonId],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    store::upsert_all_in(tx, people, now - AHEAD).await
}

/// Ask for another look at those of `people` at whom nobody else has. Returns at how many.
pub async fn mark_unless_marked(
    db: &impl ConnectionTrait,
    people: &[PersonId],
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    store::insert(db, people, now).await
}

/// Claim up to `most` marks that are due. A claim that is not finished within [`LEASE`] is made again.
pub async fn claim(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    most: u64,
) -> Result<Vec<Mark>, DbErr> {
    let until = now + LEASE;
    let mut claimed = Vec::new();
    for due in store::due(db, now, most).await? {
        let seen = Mark {
            person: due.person_id,
            generation: due.generation,
            until: due.due_at,
        };
        if store::move_due(db, seen, until).await? {
            claimed.push(Mark { until, ..seen });
        }
    }
    Ok(claimed)
}

/// Give `mark` back, due again at `due_at`: it could not be finished, and need not wait for its claim
/// to run out.
pub async fn give_back(
    db: &impl ConnectionTrait,
    mark: Mark,
    due_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    store::move_due(db, mark, due_at).await.map(drop)
}

/// Finish `mark`. One that was made or claimed meanwhile stays: generations begin anew once a mark is
/// removed, so a late claimant has to be told from the next by the time as well.
pub async fn finish(db: &impl ConnectionTrait, mark: Mark) -> Result<(), DbErr> {
    store::remove(db, mark).await
}

/// The people who are marked, for a query to leave out.
#[must_use]
pub fn marked() -> SelectStatement {
    store::people()
}

/// How many marks wait.
pub async fn backlog(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    store::count(db).await
}
