//! Complaints as rows, and the cases that they are about.

use chrono::{DateTime, Utc};
use entity::{
    complaint::{ActiveModel, Column, Entity, Model},
    review_case, review_contact, review_step,
    values::{CaseId, CaseSubject, ComplaintId, ComplaintKind, PersonId, StaffId},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr,
    EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::IntoCondition,
};

use crate::{http::page::Place, platform::db::delete_some};

pub(super) async fn insert(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    Entity::insert(ActiveModel::from(row).reset_all())
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Whether a complaint of `kind` about `case` waits for an answer.
pub(super) async fn is_open(
    db: &impl ConnectionTrait,
    case: CaseId,
    kind: ComplaintKind,
) -> Result<bool, DbErr> {
    let open = Entity::find()
        .filter(Column::CaseId.eq(case))
        .filter(Column::Kind.eq(kind))
        .filter(Column::ClosedAt.is_null())
        .one(db)
        .await?;
    Ok(open.is_some())
}

/// One of those about cases of `person`.
pub(super) async fn find(
    db: &impl ConnectionTrait,
    person: PersonId,
    id: ComplaintId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id)
        .filter(Column::PersonId.eq(person))
        .one(db)
        .await
}

/// The one with `id`, whosever it is.
pub(super) async fn find_any(
    db: &impl ConnectionTrait,
    id: ComplaintId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Those about cases of `person`, newest first, after `after`.
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

/// The case of a complaint was closed.
pub(super) async fn close(
    db: &impl ConnectionTrait,
    id: ComplaintId,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let closed = ActiveModel {
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

/// A case of `person` that somebody may complain about.
pub(super) async fn case_of(
    db: &impl ConnectionTrait,
    person: PersonId,
    id: CaseId,
) -> Result<Option<review_case::Model>, DbErr> {
    review_case::Entity::find_by_id(id)
        .filter(review_case::Column::PersonId.eq(person))
        .filter(review_case::Column::Subject.ne(CaseSubject::Complaint))
        .one(db)
        .await
}

/// The case with `id`.
pub(super) async fn case(
    db: &impl ConnectionTrait,
    id: CaseId,
) -> Result<Option<review_case::Model>, DbErr> {
    review_case::Entity::find_by_id(id).one(db).await
}

/// The cases about `complaints`.
pub(super) async fn cases_about(
    db: &impl ConnectionTrait,
    complaints: impl Iterator<Item = ComplaintId>,
) -> Result<Vec<review_case::Model>, DbErr> {
    review_case::Entity::find()
        .filter(review_case::Column::Subject.eq(CaseSubject::Complaint))
        .filter(review_case::Column::SubjectId.is_in(complaints.map(|id| id.0)))
        .all(db)
        .await
}

/// The steps of `case`, in order.
pub(super) async fn steps(
    db: &impl ConnectionTrait,
    case: CaseId,
) -> Result<Vec<review_step::Model>, DbErr> {
    review_step::Entity::find()
        .filter(review_step::Column::CaseId.eq(case))
        .order_by_asc(review_step::Column::Turn)
        .all(db)
        .await
}

/// The last steps of `cases`, which are closed: those that closed them.
pub(super) async fn last_steps(
    db: &impl ConnectionTrait,
    cases: impl Iterator<Item = &review_case::Model>,
) -> Result<Vec<review_step::Model>, DbErr> {
    let none = Condition::any().add(review_step::Column::Turn.lt(0));
    let last = cases.fold(none, |any, case| {
        let this = Condition::all()
            .add(review_step::Column::CaseId.eq(case.id))
            .add(review_step::Column::Turn.eq(case.turn));
        any.add(this)
    });
    review_step::Entity::find().filter(last).all(db).await
}

/// Whether `account` made a step of `case`, tried to reach the applicant, or had a step made in their
/// place.
pub(super) async fn took_part(
    db: &impl ConnectionTrait,
    case: CaseId,
    account: StaffId,
) -> Result<bool, DbErr> {
    use review_step::Column as Step;
    let theirs = Condition::any()
        .add(Step::AccountId.eq(account))
        .add(Step::ForAccountId.eq(account));
    let step = review_step::Entity::find()
        .filter(Step::CaseId.eq(case))
        .filter(theirs)
        .one(db)
        .await?;
    if step.is_some() {
        return Ok(true);
    }
    let contact = review_contact::Entity::find()
        .filter(review_contact::Column::CaseId.eq(case))
        .filter(review_contact::Column::AccountId.eq(account))
        .one(db)
        .await?;
    Ok(contact.is_some())
}

/// Forget up to `most` that were answered or taken back before `before`.
pub(super) async fn forget(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
    most: u64,
) -> Result<u64, DbErr> {
    let old = Column::ClosedAt.lt(before).into_condition();
    delete_some::<Entity>(db, Column::Id, old, most).await
}
