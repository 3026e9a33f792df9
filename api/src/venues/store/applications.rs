//! Applications as rows, and the cases that decide on them.

use chrono::{DateTime, Utc};
use entity::{
    review_case, review_step,
    values::{
        CaseOutcome, CaseState, CaseSubject, OrganisationId, PersonId, VenueApplicationId, VenueId,
    },
    venue_application::{ActiveModel, Column, Entity, Model},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr,
    EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::OnConflict,
};

use crate::http::page::Place;
use crate::platform::db::inserted;

/// Keep an application. `false` if one about the venue is open.
pub(in crate::venues) async fn insert(
    db: &impl ConnectionTrait,
    row: Model,
) -> Result<bool, DbErr> {
    let open = OnConflict::column(Column::OpenOf).do_nothing().to_owned();
    let kept = Entity::insert(ActiveModel::from(row).reset_all())
        .on_conflict(open)
        .exec_without_returning(db)
        .await;
    inserted(kept)
}

pub(in crate::venues) async fn find(
    db: &impl ConnectionTrait,
    id: VenueApplicationId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// The application about `venue` that nobody decided yet.
pub(in crate::venues) async fn open_about(
    db: &impl ConnectionTrait,
    venue: VenueId,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::OpenOf.eq(venue))
        .one(db)
        .await
}

/// An application is over.
pub(in crate::venues) async fn close(
    db: &impl ConnectionTrait,
    id: VenueApplicationId,
    outcome: CaseOutcome,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let closed = ActiveModel {
        open_of: Set(None),
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

/// Whose applications to list.
#[derive(Debug, Clone, Copy)]
pub(in crate::venues) enum Whose {
    /// Those of a unit, whoever filed them.
    Unit(OrganisationId),
    /// Those that somebody filed, for whichever unit.
    Person(PersonId),
}

/// What was asked for, newest first, after `after`.
pub(in crate::venues) async fn list(
    db: &impl ConnectionTrait,
    whose: Whose,
    after: Option<Place>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    let theirs = match whose {
        Whose::Unit(unit) => Column::OrganisationId.eq(unit),
        Whose::Person(person) => Column::AppliedBy.eq(person),
    };
    let older = after.map(|place| place.older(Column::AppliedAt, Column::Id));
    Entity::find()
        .filter(theirs)
        .apply_if(older, QueryFilter::filter)
        .order_by_desc(Column::AppliedAt)
        .order_by_desc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// The cases about `applications`, in no order.
pub(in crate::venues) async fn cases_about(
    db: &impl ConnectionTrait,
    applications: impl Iterator<Item = VenueApplicationId>,
) -> Result<Vec<review_case::Model>, DbErr> {
    review_case::Entity::find()
        .filter(review_case::Column::Subject.eq(CaseSubject::Venue))
        .filter(review_case::Column::SubjectId.is_in(applications.map(|id| id.0)))
        .all(db)
        .await
}

/// The steps that closed those of `cases` that are closed.
pub(in crate::venues) async fn last_steps(
    db: &impl ConnectionTrait,
    cases: &[review_case::Model],
) -> Result<Vec<review_step::Model>, DbErr> {
    let closed = cases.iter().filter(|case| case.state == CaseState::Closed);
    let none = Condition::any().add(review_step::Column::Turn.lt(0));
    let last = closed.fold(none, |any, case| {
        let this = Condition::all()
            .add(review_step::Column::CaseId.eq(case.id))
            .add(review_step::Column::Turn.eq(case.turn));
        any.add(this)
    });
    review_step::Entity::find().filter(last).all(db).await
}
