//! Applications as rows, and what was uploaded for them.

use chrono::{DateTime, Utc};
use entity::{
    organisation, review_case, review_step,
    values::{
        CaseOutcome, OrganisationId, PersonId, UploadId, VehicleApplicationId,
        VehicleApplicationState,
    },
    vehicle_application::{ActiveModel, Column, Entity, Model},
    vehicle_identity, vehicle_material, vehicle_pass,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr,
    EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::OnConflict,
};

use crate::http::page::Place;

pub(in crate::vehicle_passes) async fn insert(
    db: &impl ConnectionTrait,
    row: Model,
) -> Result<(), DbErr> {
    Entity::insert(row.into_active_model())
        .exec_without_returning(db)
        .await
        .map(drop)
}

pub(in crate::vehicle_passes) async fn find(
    db: &impl ConnectionTrait,
    id: VehicleApplicationId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// The application `id`, which nobody else changes until the transaction ends.
pub(in crate::vehicle_passes) async fn lock(
    tx: &impl ConnectionTrait,
    id: VehicleApplicationId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock_exclusive().one(tx).await
}

/// Keep `row` as it is now.
pub(in crate::vehicle_passes) async fn save(
    db: &impl ConnectionTrait,
    row: Model,
) -> Result<(), DbErr> {
    let id = row.id;
    Entity::update_many()
        .set(ActiveModel::from(row).reset_all())
        .filter(Column::Id.eq(id))
        .exec(db)
        .await
        .map(drop)
}

/// An application is over.
pub(in crate::vehicle_passes) async fn close(
    db: &impl ConnectionTrait,
    id: VehicleApplicationId,
    outcome: CaseOutcome,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let closed = ActiveModel {
        state: Set(VehicleApplicationState::Closed),
        outcome: Set(Some(outcome)),
        closed_at: Set(Some(at)),
        ask_at: Set(None),
        ..Default::default()
    };
    Entity::update_many()
        .set(closed)
        .filter(Column::Id.eq(id))
        .exec(db)
        .await
        .map(drop)
}

/// Forget an application and all that belongs to it but its pass.
pub(in crate::vehicle_passes) async fn forget(
    tx: &impl ConnectionTrait,
    id: VehicleApplicationId,
) -> Result<(), DbErr> {
    vehicle_material::Entity::delete_many()
        .filter(vehicle_material::Column::ApplicationId.eq(id))
        .exec(tx)
        .await?;
    super::aboard::forget(tx, id).await?;
    Entity::delete_by_id(id).exec(tx).await.map(drop)
}

/// Whose applications, or passes.
#[derive(Debug, Clone, Copy)]
pub(in crate::vehicle_passes) enum Whose {
    /// Those of a unit, whoever applied.
    Unit(OrganisationId),
    /// Those that a citizen has for themselves.
    Person(PersonId),
}

fn theirs(whose: Whose) -> Condition {
    match whose {
        Whose::Unit(unit) => Condition::all().add(Column::OrganisationId.eq(unit)),
        Whose::Person(person) => Condition::all()
            .add(Column::AppliedBy.eq(person))
            .add(Column::OrganisationId.is_null()),
    }
}

/// Those of `whose`, newest first, after `after`.
pub(in crate::vehicle_passes) async fn list(
    db: &impl ConnectionTrait,
    whose: Whose,
    after: Option<Place>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    let older = after.map(|place| place.older(Column::CreatedAt, Column::Id));
    Entity::find()
        .filter(theirs(whose))
        .apply_if(older, QueryFilter::filter)
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// How many of `whose` are not over.
pub(in crate::vehicle_passes) async fn count_open(
    db: &impl ConnectionTrait,
    whose: Whose,
) -> Result<u64, DbErr> {
    Entity::find()
        .filter(theirs(whose))
        .filter(Column::State.ne(VehicleApplicationState::Closed))
        .count(db)
        .await
}

/// Have the vehicle called `mark` to oneself until the transaction ends.
pub(in crate::vehicle_passes) async fn lock_vehicle(
    tx: &impl ConnectionTrait,
    mark: &str,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use vehicle_identity::{Column, Entity, Model};
    let row = Model {
        mark: mark.to_owned(),
        asked_at: at,
    };
    let known = OnConflict::column(Column::Mark)
        .update_column(Column::AskedAt)
        .to_owned();
    Entity::insert(row.into_active_model())
        .on_conflict(known)
        .exec_without_returning(tx)
        .await
        .map(drop)
}

/// The applications for the vehicle called `mark` that wait for a decision.
pub(in crate::vehicle_passes) async fn submitted_for(
    db: &impl ConnectionTrait,
    mark: &str,
) -> Result<Vec<Model>, DbErr> {
    let this = Condition::any()
        .add(Column::Plate.eq(mark))
        .add(Column::Vin.eq(mark));
    Entity::find()
        .filter(this)
        .filter(Column::State.eq(VehicleApplicationState::Submitted))
        .all(db)
        .await
}

/// Up to `most` applications about which the registry is to be asked again by `now`.
pub(in crate::vehicle_passes) async fn to_ask(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::AskAt.lte(now))
        .filter(Column::State.eq(VehicleApplicationState::Submitted))
        .order_by_asc(Column::AskAt)
        .limit(most)
        .all(db)
        .await
}

/// Ask the registry about `row` at `at`, unless somebody else changed that.
pub(in crate::vehicle_passes) async fn ask_later(
    db: &impl ConnectionTrait,
    row: &Model,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let later = ActiveModel {
        ask_at: Set(Some(at)),
        ..Default::default()
    };
    Entity::update_many()
        .set(later)
        .filter(Column::Id.eq(row.id))
        .filter(Column::AskAt.eq(row.ask_at))
        .exec(db)
        .await
        .map(drop)
}

/// Up to `most` applications that closed before `since` and have no pass that was good since.
pub(in crate::vehicle_passes) async fn done_with(
    db: &impl ConnectionTrait,
    since: DateTime<Utc>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    let good_since = vehicle_pass::Entity::find()
        .select_only()
        .column(vehicle_pass::Column::ApplicationId)
        .filter(vehicle_pass::Column::ValidUntil.gte(since))
        .into_query();
    Entity::find()
        .filter(Column::State.eq(VehicleApplicationState::Closed))
        .filter(Column::ClosedAt.lt(since))
        .filter(Column::Id.not_in_subquery(good_since))
        .order_by_asc(Column::ClosedAt)
        .limit(most)
        .all(db)
        .await
}

/// Forget vehicles that nobody asked a pass for since `since`.
pub(in crate::vehicle_passes) async fn forget_vehicles(
    db: &impl ConnectionTrait,
    since: DateTime<Utc>,
) -> Result<(), DbErr> {
    vehicle_identity::Entity::delete_many()
        .filter(vehicle_identity::Column::AskedAt.lt(since))
        .exec(db)
        .await
        .map(drop)
}

/// Up to `most` drafts that nobody saved since `since`.
pub(in crate::vehicle_passes) async fn abandoned(
    db: &impl ConnectionTrait,
    since: DateTime<Utc>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::State.eq(VehicleApplicationState::Draft))
        .filter(Column::SavedAt.lt(since))
        .order_by_asc(Column::SavedAt)
        .limit(most)
        .all(db)
        .await
}

/// What was uploaded for the application `id`, oldest first.
pub(in crate::vehicle_passes) async fn materials(
    db: &impl ConnectionTrait,
    id: VehicleApplicationId,
) -> Result<Vec<vehicle_material::Model>, DbErr> {
    use vehicle_material::{Column, Entity};
    Entity::find()
        .filter(Column::ApplicationId.eq(id))
        .order_by_asc(Column::AddedAt)
        .order_by_asc(Column::UploadId)
        .all(db)
        .await
}

/// An upload belongs to an application from now on.
pub(in crate::vehicle_passes) async fn add_material(
    tx: &impl ConnectionTrait,
    row: vehicle_material::Model,
) -> Result<(), DbErr> {
    vehicle_material::Entity::insert(row.into_active_model())
        .exec_without_returning(tx)
        .await
        .map(drop)
}

/// An upload belongs to an application no more.
pub(in crate::vehicle_passes) async fn drop_material(
    tx: &impl ConnectionTrait,
    id: VehicleApplicationId,
    upload: UploadId,
) -> Result<(), DbErr> {
    vehicle_material::Entity::delete_by_id((id, upload))
        .exec(tx)
        .await
        .map(drop)
}

/// The step that `case` made last.
pub(in crate::vehicle_passes) async fn last_step(
    db: &impl ConnectionTrait,
    case: &review_case::Model,
) -> Result<Option<review_step::Model>, DbErr> {
    review_step::Entity::find_by_id((case.id, case.turn))
        .one(db)
        .await
}

/// The unit `id`.
pub(in crate::vehicle_passes) async fn unit(
    db: &impl ConnectionTrait,
    id: OrganisationId,
) -> Result<Option<organisation::Model>, DbErr> {
    organisation::Entity::find_by_id(id).one(db).await
}
