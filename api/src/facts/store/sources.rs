//! Sources as rows.

use chrono::{DateTime, Utc};
use entity::{
    fact_source::{ActiveModel, Column, Entity, Model},
    values::StaffId,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, sea_query::OnConflict,
};

use crate::platform::db::inserted;

pub(in crate::facts) async fn find(
    db: &impl ConnectionTrait,
    id: &str,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Keep a source, unless its name is taken. `true` if this call kept it.
pub(in crate::facts) async fn insert(db: &impl ConnectionTrait, row: Model) -> Result<bool, DbErr> {
    let kept = Entity::insert(row.into_active_model().reset_all())
        .on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned())
        .exec_without_returning(db)
        .await;
    inserted(kept)
}

/// Approve a source, unless somebody has, or it was revoked. `true` if this call did.
pub(in crate::facts) async fn approve(
    db: &impl ConnectionTrait,
    id: &str,
    by: StaffId,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .set(ActiveModel {
            approved_by: Set(Some(by)),
            approved_at: Set(Some(at)),
            ..Default::default()
        })
        .filter(Column::Id.eq(id))
        .filter(Column::ApprovedAt.is_null())
        .filter(Column::RevokedAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Revoke a source, unless somebody has. `true` if this call did.
pub(in crate::facts) async fn revoke(
    db: &impl ConnectionTrait,
    id: &str,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .set(ActiveModel {
            revoked_at: Set(Some(at)),
            ..Default::default()
        })
        .filter(Column::Id.eq(id))
        .filter(Column::RevokedAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}
