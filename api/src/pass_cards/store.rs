//! Applications as rows.

pub(super) mod cards;
pub(super) mod forgetting;
pub(super) mod marks;

use chrono::{DateTime, Utc};
use entity::{
    pass_application::{ActiveModel, Column, Entity, Model},
    values::{CaseOutcome, Colour, PassApplicationId, PersonId},
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
    sea_query::{Expr, OnConflict, Query, SelectStatement},
};

use crate::{http::page::Place, platform::db::inserted};

/// Keep an application. `false` if one of the person's is open.
pub(super) async fn insert(db: &impl ConnectionTrait, row: Model) -> Result<bool, DbErr> {
    let open = OnConflict::column(Column::OpenOf).do_nothing().to_owned();
    let kept = Entity::insert(ActiveModel::from(row).reset_all())
        .on_conflict(open)
        .exec_without_returning(db)
        .await;
    inserted(kept)
}

pub(super) async fn find(
    db: &impl ConnectionTrait,
    id: PassApplicationId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// The application `id`, if it is for `person`.
pub(super) async fn of(
    db: &impl ConnectionTrait,
    person: PersonId,
    id: PassApplicationId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id)
        .filter(Column::PersonId.eq(person))
        .one(db)
        .await
}

/// What was applied for for `person`, newest first, after `after`.
pub(super) async fn of_person(
    db: &impl ConnectionTrait,
    person: PersonId,
    after: Option<Place>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    let older = after.map(|place| place.older(Column::FiledAt, Column::Id));
    Entity::find()
        .filter(Column::PersonId.eq(person))
        .apply_if(older, QueryFilter::filter)
        .order_by_desc(Column::FiledAt)
        .order_by_desc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// Up to `most` of those that wait for a comparison which has run since: `compared` selects people and
/// the versions of their last assessments.
pub(super) async fn answered(
    db: &impl ConnectionTrait,
    compared: SelectStatement,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    let since = Query::select()
        .expr(Expr::val(1))
        .from_subquery(compared, "compared")
        .and_where(Expr::col(("compared", "person_id")).equals((Entity, Column::PersonId)))
        .and_where(Expr::col(("compared", "version")).gt(Expr::col((Entity, Column::CompareAfter))))
        .take();
    Entity::find()
        .filter(Column::CompareAfter.is_not_null())
        .filter(Expr::exists(since))
        .order_by_asc(Column::FiledAt)
        .limit(most)
        .all(db)
        .await
}

/// What the comparison found.
pub(super) struct Compared {
    pub(super) at: DateTime<Utc>,
    pub(super) colour: Colour,
    pub(super) found: serde_json::Value,
}

/// Keep what the comparison found for the application `id`. `false` if it does not wait any more.
pub(super) async fn compare(
    db: &impl ConnectionTrait,
    id: PassApplicationId,
    compared: Compared,
) -> Result<bool, DbErr> {
    let answer = ActiveModel {
        compare_after: Set(None),
        compared_at: Set(Some(compared.at)),
        found_colour: Set(Some(compared.colour)),
        found: Set(Some(compared.found)),
        ..Default::default()
    };
    let done = Entity::update_many()
        .set(answer)
        .filter(Column::Id.eq(id))
        .filter(Column::CompareAfter.is_not_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// The application `id` is decided.
pub(super) async fn close(
    db: &impl ConnectionTrait,
    id: PassApplicationId,
    outcome: CaseOutcome,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let closed = ActiveModel {
        open_of: Set(None),
        compare_after: Set(None),
        outcome: Set(Some(outcome)),
        closed_at: Set(Some(at)),
        ..Default::default()
    };
    Entity::update_many()
        .set(closed)
        .filter(Column::Id.eq(id))
        .exec(db)
        .await
        .map(drop)
}
