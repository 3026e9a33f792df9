//! Marks as rows.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::{
    recheck_mark::{ActiveModel, Column, Entity, Model},
    values::PersonId,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
    sea_query::{CaseStatement, Expr, OnConflict, SelectStatement},
    sqlx::{self, PgConnection},
};
use uuid::Uuid;

use super::Mark;

/// Marks in one statement.
const MARKED_AT_ONCE: usize = 1_000;

/// Mark `person`, or mark again: the generation grows and the mark is due.
pub(super) async fn upsert(
    db: &impl ConnectionTrait,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    upsert_all(db, &[person], now).await
}

/// Mark each of `people`, or mark again. In the order of their ids, so that of two who mark the same
/// people one waits for the other.
pub(super) async fn upsert_all(
    db: &impl ConnectionTrait,
    people: &[PersonId],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let people: BTreeSet<PersonId> = people.iter().copied().collect();
    let people: Vec<PersonId> = people.into_iter().collect();
    for some in people.chunks(MARKED_AT_ONCE) {
        let again = OnConflict::column(Column::PersonId)
            .value(
                Column::Generation,
                Expr::col((Entity, Column::Generation)).add(1),
            )
            .value(Column::DueAt, earlier(now))
            .to_owned();
        let marks = some.iter().map(|person| first(*person, now));
        Entity::insert_many(marks)
            .on_conflict(again)
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

/// When a mark is due or `now`, whichever is earlier: whoever is marked again keeps their place.
fn earlier(now: DateTime<Utc>) -> CaseStatement {
    let due_at = || Expr::col((Entity, Column::DueAt));
    CaseStatement::new()
        .case(due_at().lt(now), due_at())
        .finally(now)
}

/// The same in a transaction that SeaORM does not hold.
pub(super) async fn upsert_all_in(
    tx: &mut PgConnection,
    people: &[PersonId],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    const MARK: &str = "INSERT INTO recheck_mark (person_id, generation, due_at)
        SELECT DISTINCT person_id, 1, $2 FROM unnest($1::uuid[]) AS marked(person_id)
        ORDER BY person_id
        ON CONFLICT (person_id) DO UPDATE
        SET generation = recheck_mark.generation + 1,
            due_at = LEAST(recheck_mark.due_at, excluded.due_at)";
    let ids: Vec<Uuid> = people.iter().map(|person| person.0).collect();
    sqlx::query(MARK)
        .bind(ids)
        .bind(now)
        .execute(tx)
        .await
        .map(drop)
}

/// Mark those of `people` who have no mark, in the order of their ids. Returns how many.
pub(super) async fn insert(
    db: &impl ConnectionTrait,
    people: &[PersonId],
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let people: BTreeSet<PersonId> = people.iter().copied().collect();
    let people: Vec<PersonId> = people.into_iter().collect();
    let mut inserted = 0;
    for some in people.chunks(MARKED_AT_ONCE) {
        let marks = some.iter().map(|person| first(*person, now));
        let unless = OnConflict::column(Column::PersonId).do_nothing().to_owned();
        let kept = Entity::insert_many(marks)
            .on_conflict(unless)
            .exec_without_returning(db)
            .await;
        inserted += match kept {
            Ok(count) => count,
            Err(DbErr::RecordNotInserted) => 0,
            Err(error) => return Err(error),
        };
    }
    Ok(inserted)
}

fn first(person: PersonId, now: DateTime<Utc>) -> ActiveModel {
    ActiveModel {
        person_id: Set(person),
        generation: Set(1),
        due_at: Set(now),
    }
}

/// The marks that are due at `now`, longest waiting first.
pub(super) async fn due(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::DueAt.lte(now))
        .order_by_asc(Column::DueAt)
        .limit(most)
        .all(db)
        .await
}

/// Say when a mark is due, unless somebody moved it or made it again since it was `seen`. `true` if
/// this call did.
pub(super) async fn move_due(
    db: &impl ConnectionTrait,
    seen: Mark,
    due_at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .set(ActiveModel {
            due_at: Set(due_at),
            ..Default::default()
        })
        .filter(Column::PersonId.eq(seen.person))
        .filter(Column::Generation.eq(seen.generation))
        .filter(Column::DueAt.eq(seen.until))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Remove a mark that nobody made or claimed again.
pub(super) async fn remove(db: &impl ConnectionTrait, mark: Mark) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::PersonId.eq(mark.person))
        .filter(Column::Generation.eq(mark.generation))
        .filter(Column::DueAt.eq(mark.until))
        .exec(db)
        .await
        .map(drop)
}

/// How many marks there are.
pub(super) async fn count(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find().count(db).await
}

/// The people who have one.
pub(super) fn people() -> SelectStatement {
    Entity::find()
        .select_only()
        .column(Column::PersonId)
        .into_query()
}
