//! Whom the staff of venues looked up.

use chrono::{DateTime, Utc};
use entity::{
    values::PersonId,
    visitor_look_up::{Column, Entity, Model},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, sea_query::IntoCondition,
};

use crate::platform::db::delete_some;

pub(in crate::visits) async fn note_look_up(
    db: &impl ConnectionTrait,
    row: Model,
) -> Result<(), DbErr> {
    Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// The last `most` times that `person` was looked up, the newest first.
pub(in crate::visits) async fn look_ups_of(
    db: &impl ConnectionTrait,
    person: PersonId,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::PersonId.eq(person))
        .order_by_desc(Column::At)
        .order_by_desc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// Forget some of the look-ups of before `until`. Returns how many.
pub(in crate::visits) async fn forget_look_ups(
    db: &impl ConnectionTrait,
    until: DateTime<Utc>,
    most: u64,
) -> Result<u64, DbErr> {
    delete_some::<Entity>(db, Column::Id, Column::At.lt(until).into_condition(), most).await
}
