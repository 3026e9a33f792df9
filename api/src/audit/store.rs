//! Appending; and reading, for a role that may.

use entity::{
    audit_entry::{ActiveModel, Column, Entity, Model},
    log_leaf,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};
use uuid::Uuid;

/// Append one entry, and its leaf to those that wait. Asks for nothing back: the role that does this may not
/// read.
pub(super) async fn append(
    db: &impl ConnectionTrait,
    entry: Model,
    leaf: log_leaf::Model,
) -> Result<(), DbErr> {
    Entity::insert(ActiveModel::from(entry).reset_all())
        .exec_without_returning(db)
        .await?;
    log_leaf::Entity::insert(log_leaf::ActiveModel::from(leaf).reset_all())
        .exec_without_returning(db)
        .await
        .map(drop)
}

pub(super) async fn entries(
    db: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Id.is_in(ids)).all(db).await
}

pub(super) async fn entries_after(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .apply_if(after, |all, after| all.filter(Column::Id.gt(after)))
        .order_by_asc(Column::Id)
        .limit(most)
        .all(db)
        .await
}
