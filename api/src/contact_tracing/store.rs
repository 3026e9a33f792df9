//! Queries.

use std::collections::HashSet;

use entity::{
    tracing_release,
    tracing_request::{ActiveModel, Column, Entity, Model},
    values::{Division, PersonId, StaffId, TracingId, TracingState},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, prelude::DateTimeUtc,
};
use uuid::Uuid;

use crate::{http::page::Place, platform::db::lies_within};

/// Rows in one statement.
const CHUNK: usize = 1_000;

pub(super) async fn insert(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    Entity::insert(row.into_active_model())
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// The request `id`, if its venue lies within `regions`.
pub(super) async fn find(
    db: &impl ConnectionTrait,
    regions: &[&Division],
    id: TracingId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id)
        .filter(lies_within(Column::Division, regions))
        .one(db)
        .await
}

/// The newest requests within `regions`, after `after`.
pub(super) async fn newest(
    db: &impl ConnectionTrait,
    regions: &[&Division],
    after: Option<Place>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let older = after.map(|place| place.older(Column::RequestedAt, Column::Id));
    Entity::find()
        .filter(lies_within(Column::Division, regions))
        .apply_if(older, QueryFilter::filter)
        .order_by_desc(Column::RequestedAt)
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await
}

/// Decide on a request that waits. Whether it did.
pub(super) async fn decide(
    db: &impl ConnectionTrait,
    id: TracingId,
    state: TracingState,
    (by, at): (StaffId, DateTimeUtc),
    guests: i64,
) -> Result<bool, DbErr> {
    let decided = ActiveModel {
        state: Set(state),
        decided_by: Set(Some(by)),
        decided_at: Set(Some(at)),
        guests: Set(guests),
        ..Default::default()
    };
    let outcome = Entity::update_many()
        .set(decided)
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(TracingState::Requested))
        .exec(db)
        .await?;
    Ok(outcome.rows_affected == 1)
}

/// Keep whose visits are released.
pub(super) async fn release(
    db: &impl ConnectionTrait,
    rows: Vec<tracing_release::Model>,
) -> Result<(), DbErr> {
    for rows in rows.chunks(CHUNK) {
        let rows = rows.iter().cloned().map(IntoActiveModel::into_active_model);
        tracing_release::Entity::insert_many::<tracing_release::ActiveModel, _>(rows)
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

/// Some of those who were not told yet that a request names them.
pub(super) async fn untold(
    db: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<(TracingId, PersonId)>, DbErr> {
    use tracing_release::{Column, Entity};
    Entity::find()
        .select_only()
        .columns([Column::TracingId, Column::PersonId])
        .filter(Column::ToldAt.is_null())
        .order_by_asc(Column::PersonId)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await
}

/// Note that `person` was told that `id` names them. `true` if nobody had noted it.
pub(super) async fn note_told(
    db: &impl ConnectionTrait,
    (id, person): (TracingId, PersonId),
    at: DateTimeUtc,
) -> Result<bool, DbErr> {
    use tracing_release::{ActiveModel, Column, Entity};
    let told = ActiveModel {
        told_at: Set(Some(at)),
        ..Default::default()
    };
    let done = Entity::update_many()
        .set(told)
        .filter(Column::TracingId.eq(id))
        .filter(Column::PersonId.eq(person))
        .filter(Column::ToldAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// When it was decided on the request `id`.
pub(super) async fn decided_at(
    db: &impl ConnectionTrait,
    id: TracingId,
) -> Result<Option<DateTimeUtc>, DbErr> {
    let row = Entity::find_by_id(id).one(db).await?;
    Ok(row.and_then(|row| row.decided_at))
}

/// Those of `id` whom something vouches for, by person, after `after`.
pub(super) async fn present(
    db: &impl ConnectionTrait,
    id: TracingId,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<tracing_release::Model>, DbErr> {
    use tracing_release::{Column, Entity};
    let mut query = Entity::find()
        .filter(Column::TracingId.eq(id))
        .filter(Column::Present.eq(true))
        .order_by_asc(Column::PersonId)
        .limit(limit);
    if let Some(after) = after {
        query = query.filter(Column::PersonId.gt(after));
    }
    query.all(db).await
}

/// Which of `people` the request `id` named.
pub(super) async fn named(
    db: &impl ConnectionTrait,
    id: TracingId,
    people: &[PersonId],
) -> Result<HashSet<PersonId>, DbErr> {
    use tracing_release::{Column, Entity};
    let rows: Vec<PersonId> = Entity::find()
        .select_only()
        .column(Column::PersonId)
        .filter(Column::TracingId.eq(id))
        .filter(Column::Present.eq(true))
        .filter(Column::PersonId.is_in(people.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Forget what was decided before `before`. Returns how many requests that were.
pub(super) async fn forget(db: &impl ConnectionTrait, before: DateTimeUtc) -> Result<u64, DbErr> {
    let old: Vec<TracingId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::RequestedAt.lt(before))
        .order_by_asc(Column::RequestedAt)
        .limit(100)
        .into_tuple()
        .all(db)
        .await?;
    if old.is_empty() {
        return Ok(0);
    }
    tracing_release::Entity::delete_many()
        .filter(tracing_release::Column::TracingId.is_in(old.iter().copied()))
        .exec(db)
        .await?;
    let gone = Entity::delete_many()
        .filter(Column::Id.is_in(old))
        .exec(db)
        .await?;
    Ok(gone.rows_affected)
}

/// What was released of `person`, the newest request first.
pub(super) async fn of_person(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Vec<(tracing_release::Model, Model)>, DbErr> {
    let released = tracing_release::Entity::find()
        .filter(tracing_release::Column::PersonId.eq(person))
        .order_by_desc(tracing_release::Column::FromAt)
        .limit(100)
        .all(db)
        .await?;
    let ids = released.iter().map(|row| row.tracing_id);
    let requests = Entity::find().filter(Column::Id.is_in(ids)).all(db).await?;
    let request = |id| requests.iter().find(|request| request.id == id).cloned();
    Ok(released
        .into_iter()
        .filter_map(|row| request(row.tracing_id).map(|request| (row, request)))
        .collect())
}
