//! When visitors left.

use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    values::{PersonId, VenueId},
    visit::{Column, Entity},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr,
};

/// `person` left `venue` at `now`: their last visit there of `days` and `since` ends, unless it has ended.
/// Returns whether there is one.
pub(in crate::visits) async fn leave(
    db: &impl ConnectionTrait,
    days: RangeInclusive<NaiveDate>,
    venue: VenueId,
    person: PersonId,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let last = Entity::find()
        .filter(Column::Day.between(*days.start(), *days.end()))
        .filter(Column::VenueId.eq(venue))
        .filter(Column::Subject.eq(person.0))
        .filter(Column::At.gte(since))
        .order_by_desc(Column::At)
        .one(db)
        .await?;
    let Some(last) = last else {
        return Ok(false);
    };
    Entity::update_many()
        .col_expr(Column::LeftAt, Expr::value(now))
        .filter(Column::Day.eq(last.day))
        .filter(Column::VenueId.eq(venue))
        .filter(Column::Subject.eq(person.0))
        .filter(Column::Slot.eq(last.slot))
        .filter(Column::LeftAt.is_null())
        .exec(db)
        .await?;
    Ok(true)
}
