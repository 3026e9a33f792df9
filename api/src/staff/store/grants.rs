//! Grants.

use chrono::{DateTime, Utc};
use entity::{
    staff_grant::{Column, Entity, Model},
    values::StaffId,
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

/// What somebody may be at `now`.
pub(in crate::staff) async fn in_force(
    db: &impl ConnectionTrait,
    account: StaffId,
    now: DateTime<Utc>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::AccountId.eq(account))
        .filter(Column::ApprovedAt.lte(now))
        .filter(Column::RevokedAt.is_null())
        .filter(Column::StartsAt.lte(now))
        .filter(Column::EndsAt.gt(now))
        .order_by_asc(Column::Id)
        .all(db)
        .await
}
