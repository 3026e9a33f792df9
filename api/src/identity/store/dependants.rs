//! Who acts for whom.

use entity::{
    guardianship::{Column, Entity, Model},
    values::PersonId,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, sea_query::OnConflict,
};

use crate::platform::db::inserted;

/// Whom `guardian` acts for, in the order they were added.
pub(in crate::identity) async fn of(
    db: &impl ConnectionTrait,
    guardian: PersonId,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::GuardianId.eq(guardian))
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::DependantId)
        .all(db)
        .await
}

/// Who acts for `dependant`, if anybody does.
pub(in crate::identity) async fn guardian_of(
    db: &impl ConnectionTrait,
    dependant: PersonId,
) -> Result<Option<PersonId>, DbErr> {
    let found = Entity::find_by_id(dependant).one(db).await?;
    Ok(found.map(|guardianship| guardianship.guardian_id))
}

pub(in crate::identity) async fn count(
    db: &impl ConnectionTrait,
    guardian: PersonId,
) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::GuardianId.eq(guardian))
        .count(db)
        .await
}

/// Whether `guardian` acts for `dependant`.
pub(in crate::identity) async fn acts_for(
    db: &impl ConnectionTrait,
    guardian: PersonId,
    dependant: PersonId,
) -> Result<bool, DbErr> {
    let found = Entity::find_by_id(dependant)
        .filter(Column::GuardianId.eq(guardian))
        .count(db)
        .await?;
    Ok(found == 1)
}

/// Have somebody acted for, unless somebody acts for them already.
pub(in crate::identity) async fn insert(
    db: &impl ConnectionTrait,
    guardianship: Model,
) -> Result<bool, DbErr> {
    let first = OnConflict::column(Column::DependantId)
        .do_nothing()
        .to_owned();
    let insert = Entity::insert(guardianship.into_active_model()).on_conflict(first);
    inserted(insert.exec_without_returning(db).await)
}

/// Stop `guardian` acting for `dependant`. `true` if they did act.
pub(in crate::identity) async fn remove(
    db: &impl ConnectionTrait,
    guardian: PersonId,
    dependant: PersonId,
) -> Result<bool, DbErr> {
    let done = Entity::delete_many()
        .filter(Column::DependantId.eq(dependant))
        .filter(Column::GuardianId.eq(guardian))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}
