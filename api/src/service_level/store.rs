//! Queries.

use chrono::{DateTime, Utc};
use entity::service_order::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder,
};

use super::rules::Order;

/// The newest order that counts at `now`.
pub(super) async fn in_force(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Option<Order>, DbErr> {
    let newest = Entity::find()
        .filter(Column::EndedAt.is_null())
        .filter(Column::Until.gt(now))
        .order_by_desc(Column::OrderedAt)
        .order_by_desc(Column::Id)
        .one(db)
        .await?;
    Ok(newest.map(|row| Order {
        at_least: level(row.at_least),
        at_most: level(row.at_most),
        until: row.until,
    }))
}

fn level(kept: i64) -> u8 {
    u8::try_from(kept).unwrap_or_default()
}

/// Keep an order.
pub(super) async fn insert(db: &impl ConnectionTrait, order: Model) -> Result<(), DbErr> {
    Entity::insert(order.into_active_model())
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// End every order that counts at `now`. Returns how many did.
pub(super) async fn end_all(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<u64, DbErr> {
    let ended = ActiveModel {
        ended_at: Set(Some(now)),
        ..Default::default()
    };
    let outcome = Entity::update_many()
        .set(ended)
        .filter(Column::EndedAt.is_null())
        .filter(Column::Until.gt(now))
        .exec(db)
        .await?;
    Ok(outcome.rows_affected)
}
