//! Sessions.

use chrono::{DateTime, Utc};
use entity::{
    staff_session::{ActiveModel, Column, Ending, Entity, Model},
    values::{StaffId, StaffSessionId},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QuerySelect,
};

use crate::platform::db::delete_some;
pub(in crate::staff) async fn insert(
    db: &impl ConnectionTrait,
    session: Model,
) -> Result<(), DbErr> {
    Entity::insert(session.into_active_model())
        .exec_without_returning(db)
        .await
        .map(drop)
}

pub(in crate::staff) async fn with_digest(
    db: &impl ConnectionTrait,
    digest: &[u8],
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::Digest.eq(digest))
        .one(db)
        .await
}

/// Note that a session was used.
pub(in crate::staff) async fn note_use(
    db: &impl ConnectionTrait,
    id: StaffSessionId,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .set(ActiveModel {
            used_at: Set(at),
            ..Default::default()
        })
        .filter(Column::Id.eq(id))
        .filter(Column::UsedAt.lt(at))
        .exec(db)
        .await
        .map(drop)
}

/// Note that the owner of a session proved themselves again. `false` if it ended.
pub(in crate::staff) async fn note_proof(
    db: &impl ConnectionTrait,
    id: StaffSessionId,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .set(ActiveModel {
            proved_at: Set(at),
            ..Default::default()
        })
        .filter(Column::Id.eq(id))
        .filter(Column::EndedAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Somebody's sessions that were not ended.
pub(in crate::staff) async fn not_ended(
    db: &impl ConnectionTrait,
    account: StaffId,
) -> Result<Vec<StaffSessionId>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::AccountId.eq(account))
        .filter(Column::EndedAt.is_null())
        .into_tuple()
        .all(db)
        .await
}

/// End a session, unless it ended before. `true` if this call ended it.
pub(in crate::staff) async fn end(
    db: &impl ConnectionTrait,
    id: StaffSessionId,
    ending: Ending,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .set(ActiveModel {
            ended_at: Set(Some(now)),
            ending: Set(Some(ending)),
            ..Default::default()
        })
        .filter(Column::Id.eq(id))
        .filter(Column::EndedAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Forget up to `most` sessions that would have ended by `since` whatever happened.
pub(in crate::staff) async fn forget(
    db: &impl ConnectionTrait,
    since: DateTime<Utc>,
    most: u64,
) -> Result<u64, DbErr> {
    let old = Condition::all().add(Column::ExpiresAt.lte(since));
    delete_some::<Entity>(db, Column::Id, old, most).await
}
