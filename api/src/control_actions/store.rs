//! Control actions as rows, and the cases about them.

use chrono::{DateTime, Utc};
use entity::{
    control_action::{ActiveModel, Column, Entity, Model},
    review_case,
    values::{CaseSubject, ControlActionId, OrganisationId, PersonId, VenueId},
    venue,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use super::reporting::Report;
use crate::{http::page::Place, platform::db::delete_some};

pub(super) async fn insert(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    Entity::insert(row.into_active_model())
        .exec_without_returning(db)
        .await
        .map(drop)
}

pub(super) async fn find(
    db: &impl ConnectionTrait,
    id: ControlActionId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// What was reported of `person` at the door of `report`, for its reason, after `since`, and is not closed.
pub(super) async fn since(
    db: &impl ConnectionTrait,
    person: PersonId,
    report: &Report,
    since: DateTime<Utc>,
) -> Result<Option<Model>, DbErr> {
    let venue = match report.at_venue {
        Some(venue) => Column::VenueId.eq(venue),
        None => Column::VenueId.is_null(),
    };
    let checkpoint = match report.at_checkpoint {
        Some(checkpoint) => Column::CheckpointId.eq(checkpoint),
        None => Column::CheckpointId.is_null(),
    };
    Entity::find()
        .filter(Column::PersonId.eq(person))
        .filter(venue)
        .filter(checkpoint)
        .filter(Column::Reason.eq(report.reason))
        .filter(Column::ReportedAt.gt(since))
        .filter(Column::ClosedAt.is_null())
        .one(db)
        .await
}

/// What the reporter of `report` said of people unknown at its door, for its reason, after `since`, and is
/// not closed.
pub(super) async fn of_unknown_since(
    db: &impl ConnectionTrait,
    report: &Report,
    since: DateTime<Utc>,
) -> Result<Vec<Model>, DbErr> {
    let reporter = match report.by.person() {
        Some(person) => Column::ReportedBy.eq(person),
        None => Column::ReportedBy.is_null(),
    };
    Entity::find()
        .filter(Column::VenueId.eq(report.at_venue))
        .filter(Column::ReportedAt.gt(since))
        .filter(Column::OrganisationId.eq(report.by.organisation()))
        .filter(reporter)
        .filter(Column::PersonId.is_null())
        .filter(Column::Reason.eq(report.reason))
        .filter(Column::ClosedAt.is_null())
        .all(db)
        .await
}

/// Have a venue to oneself until the transaction ends.
pub(super) async fn lock_venue(db: &impl ConnectionTrait, id: VenueId) -> Result<(), DbErr> {
    venue::Entity::find_by_id(id)
        .lock_exclusive()
        .one(db)
        .await
        .map(drop)
}

/// Those at the door of `venue`, newest first, after `after`.
pub(super) async fn of_venue(
    db: &impl ConnectionTrait,
    venue: VenueId,
    after: Option<Place>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    page_of(db, Column::VenueId.eq(venue), after, most).await
}

/// Those of `person`, newest first, after `after`.
pub(super) async fn of_person(
    db: &impl ConnectionTrait,
    person: PersonId,
    after: Option<Place>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    page_of(db, Column::PersonId.eq(person), after, most).await
}

async fn page_of(
    db: &impl ConnectionTrait,
    whose: sea_orm::sea_query::SimpleExpr,
    after: Option<Place>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    let older = after.map(|place| place.older(Column::ReportedAt, Column::Id));
    Entity::find()
        .filter(whose)
        .apply_if(older, QueryFilter::filter)
        .order_by_desc(Column::ReportedAt)
        .order_by_desc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// The case was closed.
pub(super) async fn close(
    db: &impl ConnectionTrait,
    id: ControlActionId,
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

/// The cases about `actions`.
pub(super) async fn cases_about(
    db: &impl ConnectionTrait,
    actions: impl Iterator<Item = ControlActionId>,
) -> Result<Vec<review_case::Model>, DbErr> {
    review_case::Entity::find()
        .filter(review_case::Column::Subject.eq(CaseSubject::ControlAction))
        .filter(review_case::Column::SubjectId.is_in(actions.map(|id| id.0)))
        .all(db)
        .await
}

/// A venue of `organisation`.
pub(super) async fn venue_of(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
    id: VenueId,
) -> Result<Option<venue::Model>, DbErr> {
    venue::Entity::find_by_id(id)
        .filter(venue::Column::OrganisationId.eq(organisation))
        .one(db)
        .await
}

/// The venue with `id`.
pub(super) async fn venue(
    db: &impl ConnectionTrait,
    id: VenueId,
) -> Result<Option<venue::Model>, DbErr> {
    venue::Entity::find_by_id(id).one(db).await
}

/// Those of the venues with `ids` that there are, in no order.
pub(super) async fn venues(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = VenueId>,
) -> Result<Vec<venue::Model>, DbErr> {
    venue::Entity::find()
        .filter(venue::Column::Id.is_in(ids))
        .all(db)
        .await
}

/// Forget up to `most` that were closed by `since`.
pub(super) async fn forget(
    db: &impl ConnectionTrait,
    since: DateTime<Utc>,
    most: u64,
) -> Result<u64, DbErr> {
    let old = Condition::all().add(Column::ClosedAt.lte(since));
    delete_some::<Entity>(db, Column::Id, old, most).await
}
