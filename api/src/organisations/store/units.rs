//! Units.

use chrono::{DateTime, Utc};
use entity::{
    organisation::{ActiveModel, Column, Entity, Model},
    values::{OrganisationId, SocialCreditCode},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict,
};

use crate::platform::db::inserted;

pub(in crate::organisations) async fn find(
    db: &impl ConnectionTrait,
    id: OrganisationId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Those with `ids`, in no order.
pub(in crate::organisations) async fn find_all(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = OrganisationId>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Id.is_in(ids)).all(db).await
}

/// Have a unit to oneself until the transaction ends.
pub(in crate::organisations) async fn lock(
    tx: &impl ConnectionTrait,
    id: OrganisationId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock_exclusive().one(tx).await
}

/// The unit with `code`, if it ever logged in.
pub(in crate::organisations) async fn with_code(
    db: &impl ConnectionTrait,
    code: &SocialCreditCode,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::CreditCode.eq(code.as_str()))
        .one(db)
        .await
}

/// Have the unit with `code` to oneself until the transaction ends.
pub(in crate::organisations) async fn lock_by_code(
    tx: &impl ConnectionTrait,
    code: &SocialCreditCode,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::CreditCode.eq(code.as_str()))
        .lock_exclusive()
        .one(tx)
        .await
}

/// Insert a unit, unless one with its code came first; waits for one that is coming.
pub(in crate::organisations) async fn insert(
    tx: &impl ConnectionTrait,
    unit: Model,
) -> Result<bool, DbErr> {
    let first = OnConflict::column(Column::CreditCode)
        .do_nothing()
        .to_owned();
    let insert = Entity::insert(unit.into_active_model()).on_conflict(first);
    inserted(insert.exec_without_returning(tx).await)
}

/// What the certificate of a unit said just now.
pub(in crate::organisations) async fn confirm(
    tx: &impl ConnectionTrait,
    id: OrganisationId,
    name: String,
    legal_person_index: Vec<u8>,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .set(ActiveModel {
            name: Set(name),
            legal_person_index: Set(legal_person_index),
            confirmed_at: Set(at),
            ..Default::default()
        })
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await
        .map(drop)
}

/// The units whose legal person has a document that is kept under one of `keys`.
pub(in crate::organisations) async fn of_legal_person(
    db: &impl ConnectionTrait,
    keys: &[Vec<u8>],
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::LegalPersonIndex.is_in(keys.iter().map(Vec::as_slice)))
        .order_by_asc(Column::CreditCode)
        .limit(most)
        .all(db)
        .await
}
