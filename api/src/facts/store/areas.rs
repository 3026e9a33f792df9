//! Places with levels, as rows.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::{
    risk_area::{ActiveModel, Column, Entity, Model},
    values::{Division, RiskAreaId, RiskLevel},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr,
    EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::Expr,
};

/// The areas that contain one of `places` or lie in one, and that may have had their level after
/// `since`; with `until`, those recorded by then.
pub(in crate::facts) async fn touching(
    db: &impl ConnectionTrait,
    places: &BTreeSet<&Division>,
    since: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
) -> Result<Vec<Model>, DbErr> {
    let touches = places
        .iter()
        .fold(Condition::any(), |all, place| all.add(touches(place)));
    let not_ended = Condition::any()
        .add(Column::EndsAt.is_null())
        .add(Column::EndsAt.gt(since));
    // One that was lifted later than `until` had its level then.
    let not_lifted = Condition::any()
        .add(Column::LiftedAt.is_null())
        .add(Column::LiftedAt.gt(since));
    Entity::find()
        .filter(touches)
        .filter(not_ended)
        .filter(not_lifted)
        .apply_if(until, |areas, until| {
            areas.filter(Column::RecordedAt.lte(until))
        })
        .all(db)
        .await
}

/// An area contains `place`, or lies in it.
fn touches(place: &Division) -> Condition {
    let around = Condition::any().add(Column::Division.is_in(place.chain()));
    // A code of six digits that all count has none within it.
    let wide = place.stem().len() < place.code().len();
    around.add_option(wide.then(|| inside(place)))
}

fn inside(place: &Division) -> Expr {
    Column::Division.between(
        format!("{:0<6}", place.stem()),
        format!("{:9<6}", place.stem()),
    )
}

/// An area has its level at `now`.
fn holds(now: DateTime<Utc>) -> Condition {
    let not_ended = Condition::any()
        .add(Column::EndsAt.is_null())
        .add(Column::EndsAt.gt(now));
    Condition::all()
        .add(Column::LiftedAt.is_null())
        .add(not_ended)
}

/// Whether `place` itself has `level` at `now`.
pub(in crate::facts) async fn stands(
    db: &impl ConnectionTrait,
    place: &Division,
    level: RiskLevel,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let standing = Entity::find()
        .filter(Column::Division.eq(place.clone()))
        .filter(Column::Level.eq(level))
        .filter(holds(now));
    Ok(standing.count(db).await? > 0)
}

/// The areas that have their level at `now`, by division and id, after `after`; those that touch
/// `place`, if it is given.
pub(in crate::facts) async fn current(
    db: &impl ConnectionTrait,
    place: Option<&Division>,
    after: Option<&(Division, RiskAreaId)>,
    most: u64,
    now: DateTime<Utc>,
) -> Result<Vec<Model>, DbErr> {
    let after = after.map(|(division, id)| {
        let same = Condition::all()
            .add(Column::Division.eq(division.clone()))
            .add(Column::Id.gt(*id));
        Condition::any()
            .add(Column::Division.gt(division.clone()))
            .add(same)
    });
    Entity::find()
        .filter(holds(now))
        .apply_if(place, |areas, place| areas.filter(touches(place)))
        .apply_if(after, QueryFilter::filter)
        .order_by_asc(Column::Division)
        .order_by_asc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

pub(in crate::facts) async fn find(
    db: &impl ConnectionTrait,
    id: RiskAreaId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

pub(in crate::facts) async fn insert(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Lift an area as `lifted` says, unless somebody has, and have everybody looked at anew from `now`
/// on. `true` if this call did.
pub(in crate::facts) async fn lift(
    db: &impl ConnectionTrait,
    lifted: &Model,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .set(ActiveModel {
            lifted_at: Set(lifted.lifted_at),
            lifted_by: Set(lifted.lifted_by.clone()),
            due_at: Set(Some(now)),
            round_at: Set(None),
            marked_division: Set(None),
            marked_person: Set(None),
            ..Default::default()
        })
        .filter(Column::Id.eq(lifted.id))
        .filter(Column::LiftedAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// The area whose people have waited longest to be looked at.
pub(in crate::facts) async fn due(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::DueAt.lte(now))
        .order_by_asc(Column::DueAt)
        .one(db)
        .await
}

/// Change the progress of `id` by `to`, unless somebody moved it, or lifted the area, since it was
/// seen to be due at `seen` in the round that began at `round`. `true` if this call did.
pub(in crate::facts) async fn move_on(
    db: &impl ConnectionTrait,
    id: RiskAreaId,
    seen: DateTime<Utc>,
    round: Option<DateTime<Utc>>,
    to: ActiveModel,
) -> Result<bool, DbErr> {
    let in_round = match round {
        Some(round) => Column::RoundAt.eq(round),
        None => Column::RoundAt.is_null(),
    };
    let done = Entity::update_many()
        .set(to)
        .filter(Column::Id.eq(id))
        .filter(Column::DueAt.eq(seen))
        .filter(in_round)
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}
