//! Corrections as rows.

use chrono::{DateTime, Utc};
use entity::{
    correction::{ActiveModel, Column, Entity, Model},
    values::{CorrectionId, CorrectionState, Division, PersonId},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr,
    EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::IntoCondition,
};

use crate::{
    http::page::Place,
    platform::db::{delete_some, lies_within},
};

pub(super) async fn insert(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    Entity::insert(ActiveModel::from(row).reset_all())
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Whether a correction of `record` of `person` waits for a decision.
pub(super) async fn is_open(
    db: &impl ConnectionTrait,
    person: PersonId,
    record: &str,
) -> Result<bool, DbErr> {
    let open = Entity::find()
        .filter(Column::PersonId.eq(person))
        .filter(Column::Record.eq(record))
        .filter(Column::State.eq(CorrectionState::Open))
        .one(db)
        .await?;
    Ok(open.is_some())
}

/// How many wait for a decision: all, or those that were due before `before`.
pub(super) async fn count_open(
    db: &impl ConnectionTrait,
    before: Option<DateTime<Utc>>,
) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::State.eq(CorrectionState::Open))
        .apply_if(before, |open, before| open.filter(Column::DueAt.lt(before)))
        .count(db)
        .await
}

pub(super) async fn find(
    db: &impl ConnectionTrait,
    id: CorrectionId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// What was filed about `person`, newest first, after `after`.
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

/// One of those that somebody of `regions` deals with.
pub(super) async fn find_within(
    db: &impl ConnectionTrait,
    regions: &[&Division],
    id: CorrectionId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).filter(within(regions)).one(db).await
}

/// What waits for somebody of `regions`, what is due first first, after `after`.
pub(super) async fn open_within(
    db: &impl ConnectionTrait,
    regions: &[&Division],
    after: Option<Place>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    let later = after.map(|place| place.later(Column::DueAt, Column::Id));
    Entity::find()
        .filter(Column::State.eq(CorrectionState::Open))
        .filter(within(regions))
        .apply_if(later, QueryFilter::filter)
        .order_by_asc(Column::DueAt)
        .order_by_asc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// Where the person lives, or whose data the record is, lies in one of `regions`.
fn within(regions: &[&Division]) -> Condition {
    Condition::any()
        .add(lies_within(Column::Division, regions))
        .add(lies_within(Column::Origin, regions))
}

/// Keep what was `decided` on a correction that nobody decided on yet. `true` if this call did.
pub(super) async fn decide(db: &impl ConnectionTrait, decided: &Model) -> Result<bool, DbErr> {
    let decision = ActiveModel {
        state: Set(decided.state),
        decided_at: Set(decided.decided_at),
        decided_by: Set(decided.decided_by),
        refusal: Set(decided.refusal),
        answer: Set(decided.answer.clone()),
        ..Default::default()
    };
    let done = Entity::update_many()
        .set(decision)
        .filter(Column::Id.eq(decided.id))
        .filter(Column::State.eq(CorrectionState::Open))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Forget up to `most` that were decided before `before`.
pub(super) async fn forget(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
    most: u64,
) -> Result<u64, DbErr> {
    let old = Column::DecidedAt.lt(before).into_condition();
    delete_some::<Entity>(db, Column::Id, old, most).await
}
