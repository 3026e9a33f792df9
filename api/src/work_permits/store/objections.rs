//! Objections.

use chrono::{DateTime, Utc};
use entity::{
    values::{PersonId, WorkPermitId},
    work_objection::{Column, Entity, Model},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, sea_query::OnConflict,
};

use crate::platform::db::inserted;

/// Keep an objection, unless the person objected to the same before. `true` if this call kept it.
pub(in crate::work_permits) async fn insert(
    db: &impl ConnectionTrait,
    row: Model,
) -> Result<bool, DbErr> {
    let known = OnConflict::columns([Column::PermitId, Column::PersonId])
        .do_nothing()
        .to_owned();
    let kept = Entity::insert(row.into_active_model().reset_all())
        .on_conflict(known)
        .exec_without_returning(db)
        .await;
    inserted(kept)
}

/// How often `person` objected since `since`.
pub(in crate::work_permits) async fn since(
    db: &impl ConnectionTrait,
    person: PersonId,
    since: DateTime<Utc>,
) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::PersonId.eq(person))
        .filter(Column::MadeAt.gte(since))
        .count(db)
        .await
}

/// Those to the return of `permit`, in order.
pub(in crate::work_permits) async fn to(
    db: &impl ConnectionTrait,
    permit: WorkPermitId,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::PermitId.eq(permit))
        .order_by_asc(Column::MadeAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await
}
