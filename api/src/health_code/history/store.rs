//! Changes of colour as rows.

use entity::{
    colour_change::{ActiveModel, Column, Entity, Model},
    values::PersonId,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};

pub(super) async fn insert(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    Entity::insert(ActiveModel::from(row).reset_all())
        .exec_without_returning(db)
        .await
        .map(drop)
}

pub(super) async fn newest(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::PersonId.eq(person))
        .order_by_desc(Column::Version)
        .one(db)
        .await
}

/// `person`'s changes from below `before`, newest first.
pub(super) async fn changes(
    db: &impl ConnectionTrait,
    person: PersonId,
    before: Option<i64>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::PersonId.eq(person))
        .apply_if(before, |all, before| all.filter(Column::Version.lt(before)))
        .order_by_desc(Column::Version)
        .limit(most)
        .all(db)
        .await
}
