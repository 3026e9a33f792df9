//! Collection forms.

use entity::{
    values::{Division, OrganisationId, WorkFormId},
    work_form::{Column, Entity, Model},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};

use crate::{http::page::Place, platform::db::lies_within};

pub(in crate::work_permits) async fn insert(
    db: &impl ConnectionTrait,
    row: Model,
) -> Result<(), DbErr> {
    Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(db)
        .await
        .map(drop)
}

pub(in crate::work_permits) async fn find(
    db: &impl ConnectionTrait,
    id: WorkFormId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Have a form to oneself until the transaction ends.
pub(in crate::work_permits) async fn lock(
    tx: &impl ConnectionTrait,
    id: WorkFormId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock_exclusive().one(tx).await
}

/// Whose forms.
#[derive(Debug, Clone, Copy)]
pub(in crate::work_permits) enum Whose<'a> {
    /// Those of a unit.
    Unit(OrganisationId),
    /// Those that are decided within these regions.
    Within(&'a [&'a Division]),
}

/// Up to `most` forms, the newest first, after `after`.
pub(in crate::work_permits) async fn list(
    db: &impl ConnectionTrait,
    whose: Whose<'_>,
    after: Option<Place>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    let mut query = Entity::find()
        .order_by_desc(Column::SentAt)
        .order_by_desc(Column::Id)
        .limit(most);
    query = match whose {
        Whose::Unit(unit) => query.filter(Column::OrganisationId.eq(unit)),
        Whose::Within(regions) => query.filter(lies_within(Column::Division, regions)),
    };
    if let Some(after) = after {
        query = query.filter(after.older(Column::SentAt, Column::Id));
    }
    query.all(db).await
}
