//! Decisions on many.

use chrono::{DateTime, Utc};
use entity::{
    values::{WorkFormId, WorkRulingId},
    work_ruling::{ActiveModel, Column, Entity, Model},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

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
    id: WorkRulingId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// The one on `form` that is not over, if there is one.
pub(in crate::work_permits) async fn under_way(
    db: &impl ConnectionTrait,
    form: WorkFormId,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::FormId.eq(form))
        .filter(Column::EndedAt.is_null())
        .one(db)
        .await
}

/// Those that go on by `now`.
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

/// Have one to oneself until `until`, if it goes on by `now`. `true` if this call took it.
pub(in crate::work_permits) async fn claim(
    db: &impl ConnectionTrait,
    row: &Model,
    until: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .set(ActiveModel {
            due_at: Set(Some(until)),
            ..Default::default()
        })
        .filter(Column::Id.eq(row.id))
        .filter(Column::DueAt.eq(row.due_at))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Note how far one got.
pub(in crate::work_permits) async fn advance(
    db: &impl ConnectionTrait,
    row: &Model,
) -> Result<(), DbErr> {
    Entity::update_many()
        .set(ActiveModel {
            line: Set(row.line),
            decided: Set(row.decided),
            failed: Set(row.failed),
            due_at: Set(row.due_at),
            ended_at: Set(row.ended_at),
            ..Default::default()
        })
        .filter(Column::Id.eq(row.id))
        .exec(db)
        .await
        .map(drop)
}
