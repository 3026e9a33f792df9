//! Objections.

use entity::{
    values::WorkPermitId,
    work_objection::{Column, Entity, Model},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, sea_query::OnConflict,
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
