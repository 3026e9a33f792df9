//! Passes as rows.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    values::{
        Division, PersonId, VehicleApplicationId, VehiclePassId, VehiclePassVoid, VehicleRevocation,
    },
    vehicle_aboard, vehicle_authorisation,
    vehicle_pass::{ActiveModel, Column, Entity, Model},
    vehicle_pass_serial,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, OnConflict, SelectStatement},
};

use super::applications::Whose;
use crate::{http::page::Place, platform::db::lies_within, vehicle_passes::rules::Mark};

/// The serial after the last one of `division`, which is taken by this.
pub(in crate::vehicle_passes) async fn next_serial(
    tx: &impl ConnectionTrait,
    division: &Division,
) -> Result<i64, DbErr> {
    use vehicle_pass_serial::{Column, Entity, Model};
    let first = Model {
        division: division.clone(),
        last: 1,
    };
    let counted = Expr::col((Entity, Column::Last)).add(1);
    let known = OnConflict::column(Column::Division)
        .value(Column::Last, counted)
        .to_owned();
    Entity::insert(first.into_active_model())
        .on_conflict(known)
        .exec_without_returning(tx)
        .await?;
    let serial = Entity::find_by_id(division.clone()).one(tx).await?;
    let serial = serial.ok_or_else(|| DbErr::RecordNotFound("vehicle_pass_serial".into()))?;
    Ok(serial.last)
}

pub(in crate::vehicle_passes) async fn insert(
    tx: &impl ConnectionTrait,
    row: Model,
) -> Result<(), DbErr> {
    Entity::insert(row.into_active_model())
        .exec_without_returning(tx)
        .await
        .map(drop)
}

pub(in crate::vehicle_passes) async fn find(
    db: &impl ConnectionTrait,
    id: VehiclePassId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Up to `most` passes that `person` applied for themselves, which are not over at `now`, the newest first.
pub(in crate::vehicle_passes) async fn running_of(
    db: &impl ConnectionTrait,
    person: PersonId,
    now: DateTime<Utc>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::PersonId.eq(person))
        .filter(unended(now))
        .order_by_desc(Column::IssuedAt)
        .order_by_desc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// The passes that were granted on `applications`.
pub(in crate::vehicle_passes) async fn of_applications(
    db: &impl ConnectionTrait,
    applications: impl IntoIterator<Item = VehicleApplicationId>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::ApplicationId.is_in(applications))
        .all(db)
        .await
}

/// Those of `whose`, newest first, after `after`.
pub(in crate::vehicle_passes) async fn list(
    db: &impl ConnectionTrait,
    whose: Whose,
    after: Option<Place>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    let theirs = match whose {
        Whose::Unit(unit) => Condition::all().add(Column::OrganisationId.eq(unit)),
        Whose::Person(person) => Condition::all()
            .add(Column::PersonId.eq(person))
            .add(Column::OrganisationId.is_null()),
    };
    let older = after.map(|place| place.older(Column::IssuedAt, Column::Id));
    Entity::find()
        .filter(theirs)
        .apply_if(older, QueryFilter::filter)
        .order_by_desc(Column::IssuedAt)
        .order_by_desc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// That a vehicle is called `mark`.
fn called(mark: &Mark) -> Condition {
    Condition::all().add(match mark {
        Mark::Plate(plate) => Column::Plate.eq(plate.as_str()),
        Mark::Temporary { pass } => Column::Number
            .eq(pass.as_str())
            .and(Column::Plate.is_null()),
        Mark::Vin(vin) => Column::Vin.eq(vin.as_str()),
    })
}

/// Those that were issued within `regions`, by id, after `after`.
pub(in crate::vehicle_passes) async fn within(
    db: &impl ConnectionTrait,
    regions: &[&Division],
    vehicle: Option<&Mark>,
    after: Option<VehiclePassId>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(lies_within(Column::Division, regions))
        .apply_if(vehicle, |query, mark| query.filter(called(mark)))
        .apply_if(after, |query, after| query.filter(Column::Id.gt(after)))
        .order_by_asc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// Those that neither ended before their time by `now` nor are over then.
fn unended(now: DateTime<Utc>) -> Condition {
    let not_void = Condition::any()
        .add(Column::VoidFrom.is_null())
        .add(Column::VoidFrom.gt(now));
    Condition::all()
        .add(Column::ValidUntil.gt(now))
        .add(not_void)
}

/// The passes of the vehicle called `mark` that did not end.
pub(in crate::vehicle_passes) async fn of_vehicle(
    db: &impl ConnectionTrait,
    mark: &str,
    now: DateTime<Utc>,
) -> Result<Vec<Model>, DbErr> {
    let this = Condition::any()
        .add(Column::Plate.eq(mark))
        .add(Column::Vin.eq(mark));
    Entity::find()
        .filter(this)
        .filter(unended(now))
        .all(db)
        .await
}

/// Every pass that did not end.
pub(in crate::vehicle_passes) async fn all_unended(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(unended(now))
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// The passes whose days are not over and that do not count all the same: they ended before their time, the
/// inspection of their vehicle is over, or somebody aboard is among `coloured`; or no driver is left.
pub(in crate::vehicle_passes) async fn not_counting(
    db: &impl ConnectionTrait,
    coloured: SelectStatement,
    now: DateTime<Utc>,
    today: NaiveDate,
) -> Result<Vec<Model>, DbErr> {
    use vehicle_aboard::{Column as Place, Entity as Places};
    let aboard = || {
        Places::find()
            .select_only()
            .column(Place::ApplicationId)
            .filter(Place::EndedAt.is_null())
    };
    let coloured = aboard().filter(Place::PersonId.in_subquery(coloured));
    let driven = aboard().filter(Place::Role.eq(entity::values::AboardRole::Driver));
    let any = Condition::any()
        .add(Column::VoidFrom.lte(now))
        .add(Column::InspectedUntil.lt(today))
        .add(Column::ApplicationId.in_subquery(coloured.into_query()))
        .add(Column::ApplicationId.not_in_subquery(driven.into_query()));
    Entity::find()
        .filter(Column::ValidUntil.gt(now))
        .filter(any)
        .all(db)
        .await
}

/// Up to `most` passes after `after`, by id, whose days are not over.
pub(in crate::vehicle_passes) async fn unexpired(
    db: &impl ConnectionTrait,
    after: Option<VehiclePassId>,
    now: DateTime<Utc>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::ValidUntil.gt(now))
        .apply_if(after, |query, after| query.filter(Column::Id.gt(after)))
        .order_by_asc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// How a pass ends before its time.
#[derive(Debug, Clone, Copy)]
pub(in crate::vehicle_passes) struct Ending {
    pub(in crate::vehicle_passes) void: VehiclePassVoid,
    pub(in crate::vehicle_passes) from: DateTime<Utc>,
    pub(in crate::vehicle_passes) revocation: Option<VehicleRevocation>,
}

/// The pass `id` ends, unless it ended by `now`. What is to end it later is replaced. `true` if this call
/// did it.
pub(in crate::vehicle_passes) async fn end(
    tx: &impl ConnectionTrait,
    id: VehiclePassId,
    ending: Ending,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let ended = ActiveModel {
        void: Set(Some(ending.void)),
        void_from: Set(Some(ending.from)),
        revocation: Set(ending.revocation),
        ..Default::default()
    };
    let done = Entity::update_many()
        .set(ended)
        .filter(Column::Id.eq(id))
        .filter(unended(now))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Look after the passes that `person` is aboard of as soon as somebody can.
pub(in crate::vehicle_passes) async fn look_now(
    tx: &impl ConnectionTrait,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    use vehicle_aboard::{Column as Place, Entity as Places};
    let aboard = Places::find()
        .select_only()
        .column(Place::ApplicationId)
        .filter(Place::PersonId.eq(person))
        .filter(Place::EndedAt.is_null())
        .into_query();
    Entity::update_many()
        .set(ActiveModel {
            due_at: Set(Some(now)),
            ..Default::default()
        })
        .filter(Column::ApplicationId.in_subquery(aboard))
        .filter(unended(now))
        .exec(tx)
        .await
        .map(drop)
}

/// Up to `most` passes that a sweep has to look after by `now`.
pub(in crate::vehicle_passes) async fn due(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::DueAt.lte(now))
        .order_by_asc(Column::DueAt)
        .order_by_asc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// What a sweep found out about a pass.
pub(in crate::vehicle_passes) async fn looked_after(
    tx: &impl ConnectionTrait,
    seen: &Model,
    found: ActiveModel,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .set(found)
        .filter(Column::Id.eq(seen.id))
        .filter(Column::DueAt.eq(seen.due_at))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Forget the pass that was granted on `application`, and leave to see it. Its number is not given anew.
pub(in crate::vehicle_passes) async fn forget(
    tx: &impl ConnectionTrait,
    application: VehicleApplicationId,
) -> Result<(), DbErr> {
    let pass = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::ApplicationId.eq(application))
        .into_query();
    vehicle_authorisation::Entity::delete_many()
        .filter(vehicle_authorisation::Column::PassId.in_subquery(pass))
        .exec(tx)
        .await?;
    Entity::delete_many()
        .filter(Column::ApplicationId.eq(application))
        .exec(tx)
        .await
        .map(drop)
}
