//! Places with levels, as rows.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::{
    risk_area::{Column, Entity, Model},
    values::Division,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryTrait,
};

/// The areas that contain one of `places` or lie in one, and that may have had their level after
/// `since`; with `until`, those recorded by then.
pub(in crate::facts) async fn touching(
    db: &impl ConnectionTrait,
    places: &BTreeSet<&Division>,
    since: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
) -> Result<Vec<Model>, DbErr> {
    let around: BTreeSet<Division> = places.iter().flat_map(|place| place.chain()).collect();
    let mut touching = Condition::any().add(Column::Division.is_in(around));
    for place in places.iter().filter(|place| place.stem().len() < 6) {
        touching = touching.add(inside(place));
    }
    let not_ended = Condition::any()
        .add(Column::EndsAt.is_null())
        .add(Column::EndsAt.gt(since));
    Entity::find()
        .filter(touching)
        .filter(not_ended)
        .apply_if(until, |areas, until| {
            areas.filter(Column::RecordedAt.lte(until))
        })
        .all(db)
        .await
}

/// Whether an area is `place` or lies in it.
fn inside(place: &Division) -> sea_orm::sea_query::Expr {
    Column::Division.between(
        format!("{:0<6}", place.stem()),
        format!("{:9<6}", place.stem()),
    )
}
