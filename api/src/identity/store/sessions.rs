//! Sessions.

use chrono::{DateTime, Utc};
use entity::{
    session::{ActiveModel, Column, Ending, Entity, Model},
    values::{PersonId, SessionId},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};

pub(in crate::identity) async fn insert(
    db: &impl ConnectionTrait,
    session: Model,
) -> Result<(), DbErr> {
    Entity::insert(session.into_active_model())
        .exec_without_returning(db)
        .await
        .map(drop)
}

pub(in crate::identity) async fn find(
    db: &impl ConnectionTrait,
    id: SessionId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// A person's sessions that go on at `now`, newest first. One that was last refreshed before
/// `idle_since` does not.
pub(in crate::identity) async fn going_on(
    db: &impl ConnectionTrait,
    person: PersonId,
    now: DateTime<Utc>,
    idle_since: DateTime<Utc>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::PersonId.eq(person))
        .filter(Column::EndedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .filter(Column::RefreshedAt.gt(idle_since))
        .order_by_desc(Column::CreatedAt)
        .limit(100)
        .all(db)
        .await
}

/// When a token of any of a person's sessions was last handed out.
pub(in crate::identity) async fn last_seen(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::RefreshedAt)
        .filter(Column::PersonId.eq(person))
        .order_by_desc(Column::RefreshedAt)
        .into_tuple()
        .one(db)
        .await
}

/// Note that a session was refreshed, unless it ended. `true` if it goes on.
pub(in crate::identity) async fn refresh(
    db: &impl ConnectionTrait,
    id: SessionId,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .set(ActiveModel {
            refreshed_at: Set(now),
            ..Default::default()
        })
        .filter(Column::Id.eq(id))
        .filter(Column::EndedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// End a person's session, unless it ended before. `true` if this call ended it.
pub(in crate::identity) async fn end(
    db: &impl ConnectionTrait,
    person: PersonId,
    id: SessionId,
    ending: Ending,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .set(ActiveModel {
            ended_at: Set(Some(now)),
            ending: Set(Some(ending)),
            ending_unpublished: Set(true),
            ..Default::default()
        })
        .filter(Column::Id.eq(id))
        .filter(Column::PersonId.eq(person))
        .filter(Column::EndedAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Ended sessions that the short-lived store has not heard of.
pub(in crate::identity) async fn unpublished(
    db: &impl ConnectionTrait,
    most: u64,
) -> Result<Vec<(SessionId, PersonId)>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .column(Column::PersonId)
        .filter(Column::EndingUnpublished.eq(true))
        .limit(most)
        .into_tuple()
        .all(db)
        .await
}

/// Note that the short-lived store heard of an ending.
pub(in crate::identity) async fn published(
    db: &impl ConnectionTrait,
    id: SessionId,
) -> Result<(), DbErr> {
    Entity::update_many()
        .set(ActiveModel {
            ending_unpublished: Set(false),
            ..Default::default()
        })
        .filter(Column::Id.eq(id))
        .exec(db)
        .await
        .map(drop)
}

/// Up to `most` sessions that would have ended by `since` whatever happened, the oldest first.
pub(in crate::identity) async fn over(
    db: &impl ConnectionTrait,
    since: DateTime<Utc>,
    most: u64,
) -> Result<Vec<SessionId>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::ExpiresAt.lte(since))
        .order_by_asc(Column::ExpiresAt)
        .limit(most)
        .into_tuple()
        .all(db)
        .await
}

/// Remove sessions that have no refresh tokens.
pub(in crate::identity) async fn remove(
    db: &impl ConnectionTrait,
    sessions: &[SessionId],
) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::Id.is_in(sessions.iter().copied()))
        .exec(db)
        .await
        .map(drop)
}
