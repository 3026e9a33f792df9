//! Who is aboard, as rows.

use chrono::{DateTime, Utc};
use entity::{
    values::{AboardEnding, AboardId, PersonId, VehicleApplicationId},
    vehicle_aboard::{ActiveModel, Column, Entity, Model},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};

/// Places of one person and those whom they act for that are listed, at the most.
const LISTED: u64 = 200;

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
    id: AboardId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Those of the application `id` whose place did not end, in the order in which they were asked.
pub(in crate::vehicle_passes) async fn of(
    db: &impl ConnectionTrait,
    id: VehicleApplicationId,
) -> Result<Vec<Model>, DbErr> {
    of_all(db, [id]).await
}

/// The same of several applications.
pub(in crate::vehicle_passes) async fn of_all(
    db: &impl ConnectionTrait,
    applications: impl IntoIterator<Item = VehicleApplicationId>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::ApplicationId.is_in(applications))
        .filter(Column::EndedAt.is_null())
        .order_by_asc(Column::AskedAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// The places that one of `people` took, or whoever has the phone with one of the blind indexes `phone` may
/// take, newest first.
pub(in crate::vehicle_passes) async fn of_people(
    db: &impl ConnectionTrait,
    people: &[PersonId],
    phone: &[Vec<u8>],
) -> Result<Vec<Model>, DbErr> {
    let asked = Condition::all()
        .add(Column::AgreedAt.is_null())
        .add(Column::PhoneIndex.is_in(phone.iter().map(Vec::as_slice)));
    let theirs = Condition::any()
        .add(Column::PersonId.is_in(people.iter().copied()))
        .add(asked);
    Entity::find()
        .filter(theirs)
        .filter(Column::EndedAt.is_null())
        .order_by_desc(Column::AskedAt)
        .order_by_desc(Column::Id)
        .limit(LISTED)
        .all(db)
        .await
}

/// `person` takes the place `id`, which nobody took and which did not end. `true` if this call did it.
pub(in crate::vehicle_passes) async fn agree(
    tx: &impl ConnectionTrait,
    id: AboardId,
    person: PersonId,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let agreed = ActiveModel {
        person_id: Set(Some(person)),
        agreed_at: Set(Some(at)),
        ..Default::default()
    };
    let done = Entity::update_many()
        .set(agreed)
        .filter(Column::Id.eq(id))
        .filter(Column::AgreedAt.is_null())
        .filter(Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// The place `id` is nobody's any more. `true` if this call did it.
pub(in crate::vehicle_passes) async fn end(
    tx: &impl ConnectionTrait,
    id: AboardId,
    ending: AboardEnding,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let ended = ActiveModel {
        ended_at: Set(Some(at)),
        ending: Set(Some(ending)),
        ..Default::default()
    };
    let done = Entity::update_many()
        .set(ended)
        .filter(Column::Id.eq(id))
        .filter(Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Up to `most` places of whose askers somebody is to be told by `now`, and who did not answer.
pub(in crate::vehicle_passes) async fn to_tell(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::TellAt.lte(now))
        .order_by_asc(Column::TellAt)
        .order_by_asc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// Tell of `place` at `at`, or never. `true` unless somebody else changed that since it was read.
pub(in crate::vehicle_passes) async fn tell_later(
    tx: &impl ConnectionTrait,
    place: &Model,
    at: Option<DateTime<Utc>>,
) -> Result<bool, DbErr> {
    let later = ActiveModel {
        tell_at: Set(at),
        ..Default::default()
    };
    let done = Entity::update_many()
        .set(later)
        .filter(Column::Id.eq(place.id))
        .filter(Column::TellAt.eq(place.tell_at))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Forget all of the application `id`.
pub(in crate::vehicle_passes) async fn forget(
    tx: &impl ConnectionTrait,
    id: VehicleApplicationId,
) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::ApplicationId.eq(id))
        .exec(tx)
        .await
        .map(drop)
}
