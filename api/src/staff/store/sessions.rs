//! Sessions.

use chrono::{DateTime, Utc};
use entity::{
    staff_session::{ActiveModel, Column, Entity, Model},
    values::StaffSessionId,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

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
