//! Which communities have nobody.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    community::{Column, Entity},
    coverage_gap, duty_sign_in,
    values::{Community, Division},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, Query, SelectStatement},
};

use super::{super::rules::Span, directory::lies_within};

/// Communities of a division, counted.
pub(in crate::communities) type Count = (Division, i64);

fn open_communities() -> Select<Entity> {
    Entity::find().filter(Column::ClosedAt.is_null())
}

/// Who signed in for the row's community on `day`, by `deadline`.
fn sign_ins(day: NaiveDate, deadline: DateTime<Utc>) -> SelectStatement {
    use duty_sign_in::{Column as There, Entity as Duty};
    let own = Expr::col((Duty, There::Community)).equals((Entity, Column::Code));
    Query::select()
        .expr(Expr::val(1))
        .from(Duty)
        .and_where(own)
        .and_where(Expr::col((Duty, There::Day)).eq(day))
        .and_where(Expr::col((Duty, There::At)).lte(deadline))
        .take()
}

/// What was noted of the row's community on `day`.
fn noted(day: NaiveDate) -> SelectStatement {
    use coverage_gap::{Column as There, Entity as Gap};
    let own = Expr::col((Gap, There::Community)).equals((Entity, Column::Code));
    Query::select()
        .expr(Expr::val(1))
        .from(Gap)
        .and_where(own)
        .and_where(Expr::col((Gap, There::Day)).eq(day))
        .take()
}

/// The divisions within `spans` that have open communities, with how many, after `after`.
pub(in crate::communities) async fn counties(
    db: &impl ConnectionTrait,
    spans: &[Span],
    after: Option<&Division>,
    most: u64,
) -> Result<Vec<Count>, DbErr> {
    open_communities()
        .select_only()
        .column(Column::Division)
        .column_as(Column::Code.count(), "communities")
        .filter(lies_within(Column::Code, spans))
        .apply_if(after.cloned(), |open, after| {
            open.filter(Column::Division.gt(after))
        })
        .group_by(Column::Division)
        .order_by_asc(Column::Division)
        .limit(most)
        .into_tuple()
        .all(db)
        .await
}

/// How many open communities of `divisions` have an issuer, as `has_issuer` tells, and somebody who
/// signed in on `day` by `deadline`.
pub(in crate::communities) async fn staffed(
    db: &impl ConnectionTrait,
    divisions: Vec<Division>,
    day: NaiveDate,
    deadline: DateTime<Utc>,
    has_issuer: Expr,
) -> Result<Vec<Count>, DbErr> {
    let staffed = Condition::all()
        .add(Expr::exists(sign_ins(day, deadline)))
        .add(has_issuer);
    counted(db, divisions, staffed).await
}

/// How many open communities of `divisions` have no issuer, as `has_issuer` tells.
pub(in crate::communities) async fn unnamed(
    db: &impl ConnectionTrait,
    divisions: Vec<Division>,
    has_issuer: Expr,
) -> Result<Vec<Count>, DbErr> {
    counted(db, divisions, Condition::all().add(has_issuer.not())).await
}

async fn counted(
    db: &impl ConnectionTrait,
    divisions: Vec<Division>,
    which: Condition,
) -> Result<Vec<Count>, DbErr> {
    open_communities()
        .select_only()
        .column(Column::Division)
        .column_as(Column::Code.count(), "communities")
        .filter(Column::Division.is_in(divisions))
        .filter(which)
        .group_by(Column::Division)
        .into_tuple()
        .all(db)
        .await
}

/// Communities after `after`, by code, that were open at `deadline`, that have no issuer, as `has_issuer`
/// tells, or for which nobody had signed in on `day` by then, and of which that is not noted.
pub(in crate::communities) async fn not_staffed(
    db: &impl ConnectionTrait,
    day: NaiveDate,
    deadline: DateTime<Utc>,
    has_issuer: Expr,
    after: Option<&Community>,
    most: u64,
) -> Result<Vec<Community>, DbErr> {
    let lacking = Condition::any()
        .add(Expr::not_exists(sign_ins(day, deadline)))
        .add(has_issuer.not());
    open_communities()
        .select_only()
        .column(Column::Code)
        .filter(Column::OpenedAt.lte(deadline))
        .filter(lacking)
        .filter(Expr::not_exists(noted(day)))
        .apply_if(after.cloned(), |open, after| {
            open.filter(Column::Code.gt(after))
        })
        .order_by_asc(Column::Code)
        .limit(most)
        .into_tuple()
        .all(db)
        .await
}

/// Note what was found. An error if one of them is noted already.
pub(in crate::communities) async fn note(
    db: &impl ConnectionTrait,
    gaps: Vec<coverage_gap::Model>,
) -> Result<(), DbErr> {
    let rows = gaps.into_iter().map(IntoActiveModel::into_active_model);
    coverage_gap::Entity::insert_many::<coverage_gap::ActiveModel, _>(rows)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// What was noted within `spans`, the last day first, after `after`.
pub(in crate::communities) async fn gaps(
    db: &impl ConnectionTrait,
    spans: &[Span],
    after: Option<&(NaiveDate, Community)>,
    most: u64,
) -> Result<Vec<coverage_gap::Model>, DbErr> {
    use coverage_gap::{Column, Entity};
    Entity::find()
        .filter(lies_within(Column::Community, spans))
        .apply_if(after.cloned(), |gaps, (day, community)| {
            let same = Condition::all()
                .add(Column::Day.eq(day))
                .add(Column::Community.gt(community));
            gaps.filter(Condition::any().add(Column::Day.lt(day)).add(same))
        })
        .order_by_desc(Column::Day)
        .order_by_asc(Column::Community)
        .limit(most)
        .all(db)
        .await
}
