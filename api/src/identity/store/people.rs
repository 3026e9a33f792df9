//! People.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::{
    person::{ActiveModel, Column, Entity, Model},
    values::{DocumentKind, PersonId},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::{LockBehavior, LockType, OnConflict},
};

use crate::platform::db::inserted;

pub(in crate::identity) async fn find(
    db: &impl ConnectionTrait,
    id: PersonId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Those with `ids`, in no order.
pub(in crate::identity) async fn all(
    db: &impl ConnectionTrait,
    ids: &[PersonId],
) -> Result<Vec<Model>, DbErr> {
    let ids = ids.iter().copied();
    Entity::find().filter(Column::Id.is_in(ids)).all(db).await
}

/// Have a person to oneself until the transaction ends.
pub(in crate::identity) async fn lock(
    db: &impl ConnectionTrait,
    id: PersonId,
) -> Result<(), DbErr> {
    Entity::find_by_id(id)
        .select_only()
        .column(Column::Id)
        .lock_exclusive()
        .into_tuple::<PersonId>()
        .one(db)
        .await
        .map(drop)
}

/// The same without waiting for anybody. `false` if somebody else has them.
pub(in crate::identity) async fn try_lock(
    db: &impl ConnectionTrait,
    id: PersonId,
) -> Result<bool, DbErr> {
    let found = Entity::find_by_id(id)
        .select_only()
        .column(Column::Id)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .into_tuple::<PersonId>()
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// Which of `ids` there are.
pub(in crate::identity) async fn among(
    db: &impl ConnectionTrait,
    ids: &[PersonId],
) -> Result<Vec<PersonId>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(db)
        .await
}

/// Who has this number.
/// Numbers of one statement.
const AT_ONCE: usize = 1_000;

pub(in crate::identity) async fn with_numbers(
    db: &impl ConnectionTrait,
    numbers: &[i64],
) -> Result<BTreeMap<i64, PersonId>, DbErr> {
    let mut people = BTreeMap::new();
    for some in numbers.chunks(AT_ONCE) {
        let found: Vec<(i64, PersonId)> = Entity::find()
            .select_only()
            .columns([Column::Number, Column::Id])
            .filter(Column::Number.is_in(some.iter().copied()))
            .into_tuple()
            .all(db)
            .await?;
        people.extend(found);
    }
    Ok(people)
}

pub(in crate::identity) async fn with_number(
    db: &impl ConnectionTrait,
    number: i64,
) -> Result<Option<PersonId>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Number.eq(number))
        .into_tuple()
        .one(db)
        .await
}

/// The people with these ids, in no order.
pub(in crate::identity) async fn find_all(
    db: &impl ConnectionTrait,
    ids: Vec<PersonId>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Id.is_in(ids)).all(db).await
}

/// Whose phone has one of these blind indexes.
pub(in crate::identity) async fn with_phone(
    db: &impl ConnectionTrait,
    indexes: &[Vec<u8>],
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::PhoneIndex.is_in(indexes.iter().map(Vec::as_slice)))
        .one(db)
        .await
}

/// Whose document has one of these blind indexes.
pub(in crate::identity) async fn with_document(
    db: &impl ConnectionTrait,
    indexes: &[Vec<u8>],
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::DocumentIndex.is_in(indexes.iter().map(Vec::as_slice)))
        .one(db)
        .await
}

/// Insert a person, unless somebody with the phone came first; waits for one who is coming.
pub(in crate::identity) async fn insert_with_phone(
    db: &impl ConnectionTrait,
    person: Model,
) -> Result<bool, DbErr> {
    let first = OnConflict::column(Column::PhoneIndex)
        .do_nothing()
        .to_owned();
    let insert = Entity::insert(person.into_active_model()).on_conflict(first);
    inserted(insert.exec_without_returning(db).await)
}

/// Insert a person, unless somebody with the document came first; waits for one who is coming.
pub(in crate::identity) async fn insert_with_document(
    db: &impl ConnectionTrait,
    person: Model,
) -> Result<bool, DbErr> {
    let first = OnConflict::column(Column::DocumentIndex)
        .do_nothing()
        .to_owned();
    let insert = Entity::insert(person.into_active_model()).on_conflict(first);
    inserted(insert.exec_without_returning(db).await)
}

/// A verified identity, sealed.
pub(in crate::identity) struct Identity {
    pub(in crate::identity) name: Vec<u8>,
    pub(in crate::identity) kind: DocumentKind,
    pub(in crate::identity) number: Vec<u8>,
    pub(in crate::identity) index: Vec<u8>,
}

/// Give a person their identity, unless they have one. `true` if this call did.
pub(in crate::identity) async fn verify(
    db: &impl ConnectionTrait,
    id: PersonId,
    identity: Identity,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .set(ActiveModel {
            name: Set(Some(identity.name)),
            document_kind: Set(Some(identity.kind)),
            document_number: Set(Some(identity.number)),
            document_index: Set(Some(identity.index)),
            verified_at: Set(Some(at)),
            ..Default::default()
        })
        .filter(Column::Id.eq(id))
        .filter(Column::VerifiedAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}
