//! Leave to see passes, as rows.

use chrono::{DateTime, Utc};
use entity::{
    values::{AuthorisationId, VehiclePassId},
    vehicle_authorisation::{ActiveModel, Column, Entity, Model},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QuerySelect, QueryTrait,
};

pub(in crate::vehicle_passes) async fn insert(
    tx: &impl ConnectionTrait,
    row: Model,
) -> Result<(), DbErr> {
    Entity::insert(row.into_active_model())
        .exec_without_returning(tx)
        .await
        .map(drop)
}

/// That which a text with `digest` opens.
pub(in crate::vehicle_passes) async fn with_digest(
    tx: &impl ConnectionTrait,
    digest: &[u8],
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::Digest.eq(digest))
        .one(tx)
        .await
}

/// How many of `pass` may be used at `now`.
pub(in crate::vehicle_passes) async fn count(
    tx: &impl ConnectionTrait,
    pass: VehiclePassId,
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::PassId.eq(pass))
        .filter(Column::UsedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .count(tx)
        .await
}

/// It is used up by whoever `by` names, unless it was used or is over. `true` if this call did it.
pub(in crate::vehicle_passes) async fn take(
    tx: &impl ConnectionTrait,
    id: AuthorisationId,
    by: Option<String>,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let used = ActiveModel {
        used_at: Set(Some(now)),
        used_by: Set(by),
        ..Default::default()
    };
    let done = Entity::update_many()
        .set(used)
        .filter(Column::Id.eq(id))
        .filter(Column::UsedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Forget up to `most` that were over by `since`. Returns how many.
pub(in crate::vehicle_passes) async fn forget(
    db: &impl ConnectionTrait,
    since: DateTime<Utc>,
    most: u64,
) -> Result<u64, DbErr> {
    let old = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::ExpiresAt.lt(since))
        .limit(most)
        .into_query();
    let done = Entity::delete_many()
        .filter(Column::Id.in_subquery(old))
        .exec(db)
        .await?;
    Ok(done.rows_affected)
}
