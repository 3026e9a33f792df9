//! Batches for the data centre.

use chrono::{DateTime, Utc};
use entity::{
    values::{Division, WorkBatchId},
    work_batch::{ActiveModel, Column, Entity, Model},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
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
    id: WorkBatchId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Up to `most` within `regions`, the newest first, after `after`.
pub(in crate::work_permits) async fn within(
    db: &impl ConnectionTrait,
    regions: &[&Division],
    after: Option<Place>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    let mut query = Entity::find()
        .filter(lies_within(Column::Division, regions))
        .order_by_desc(Column::MadeAt)
        .order_by_desc(Column::Id)
        .limit(most);
    if let Some(after) = after {
        query = query.filter(after.older(Column::MadeAt, Column::Id));
    }
    query.all(db).await
}

/// Those with which something has to be done by `now`.
pub(in crate::work_permits) async fn due(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::DueAt.lte(now))
        .order_by_asc(Column::DueAt)
        .limit(most)
        .all(db)
        .await
}

/// Let `before` be as `after` from now on, unless somebody else did something with it since it was read.
/// `true` if this call did.
pub(in crate::work_permits) async fn change(
    db: &impl ConnectionTrait,
    before: &Model,
    after: &Model,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .set(ActiveModel {
            state: Set(after.state),
            tries: Set(after.tries),
            sent_at: Set(after.sent_at),
            due_at: Set(after.due_at),
            answered_at: Set(after.answered_at),
            ..Default::default()
        })
        .filter(Column::Id.eq(before.id))
        .filter(Column::State.eq(before.state))
        .filter(Column::Tries.eq(before.tries))
        .filter(match before.due_at {
            Some(at) => Column::DueAt.eq(at),
            None => Column::DueAt.is_null(),
        })
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}
