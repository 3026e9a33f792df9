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

/// Places of one person that are listed, at the most.
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

/// The places that `person`, whose phone has one of the blind indexes `phone`, took or may take, newest
/// first.
pub(in crate::vehicle_passes) async fn of_person(
    db: &impl ConnectionTrait,
    person: PersonId,
    phone: &[Vec<u8>],
) -> Result<Vec<Model>, DbErr> {
    let asked = Condition::all()
        .add(Column::AgreedAt.is_null())
        .add(Column::PhoneIndex.is_in(phone.iter().map(Vec::as_slice)));
    let theirs = Condition::any().add(Column::PersonId.eq(person)).add(asked);
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
