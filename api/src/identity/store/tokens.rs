//! Refresh tokens.

use chrono::{DateTime, Utc};
use entity::{
    refresh_token::{ActiveModel, Column, Entity, Model},
    values::SessionId,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

pub(in crate::identity) async fn insert(
    db: &impl ConnectionTrait,
    digest: &[u8],
    session: SessionId,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let token = ActiveModel {
        digest: Set(digest.to_vec()),
        session_id: Set(session),
        issued_at: Set(now),
        used_at: Set(None),
        successor: Set(None),
    };
    Entity::insert(token)
        .exec_without_returning(db)
        .await
        .map(drop)
}

pub(in crate::identity) async fn find(
    db: &impl ConnectionTrait,
    digest: &[u8],
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(digest.to_vec()).one(db).await
}

/// Use a token, unless it was used. `true` if this call used it: of any number at once, one does.
pub(in crate::identity) async fn spend(
    db: &impl ConnectionTrait,
    digest: &[u8],
    successor: Vec<u8>,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .set(ActiveModel {
            used_at: Set(Some(now)),
            successor: Set(Some(successor)),
            ..Default::default()
        })
        .filter(Column::Digest.eq(digest))
        .filter(Column::UsedAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Remove every token of `sessions`.
pub(in crate::identity) async fn remove(
    db: &impl ConnectionTrait,
    sessions: &[SessionId],
) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::SessionId.is_in(sessions.iter().copied()))
        .exec(db)
        .await
        .map(drop)
}
