//! Keys and key lists as rows.

use chrono::{DateTime, Utc};
use entity::{
    key_list,
    signing_key::{ActiveModel, Column, Entity, KeyUse, Model},
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, OnConflict},
};

use crate::platform::db::inserted;

/// Every key that is not due for destruction and was not dropped.
pub(in crate::credentials) async fn live(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::DestroyAt.gt(now))
        .filter(Column::DroppedAt.is_null())
        .order_by_asc(Column::NotBefore)
        .order_by_asc(Column::Kid)
        .all(db)
        .await
}

/// Keep `key`, unless another instance made the key of that name first. `true` if kept.
pub(in crate::credentials) async fn insert(
    db: &impl ConnectionTrait,
    key: Model,
) -> Result<bool, DbErr> {
    let kept = Entity::insert(ActiveModel::from(key).reset_all())
        .on_conflict(
            OnConflict::columns([Column::Kid, Column::Usage])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await;
    inserted(kept)
}

/// Stop the keys of `usage` that are in their term from making anything new, and have them destroyed
/// at `destroy_at`.
pub(in crate::credentials) async fn stop(
    db: &impl ConnectionTrait,
    usage: KeyUse,
    now: DateTime<Utc>,
    destroy_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .set(ActiveModel {
            not_after: Set(now),
            destroy_at: Set(destroy_at),
            ..Default::default()
        })
        .filter(Column::Usage.eq(usage))
        .filter(Column::NotBefore.lte(now))
        .filter(Column::NotAfter.gt(now))
        .exec(db)
        .await
        .map(drop)
}

/// Drop `key` at `at`: its private half goes at once, and its name stays taken. `false` if somebody did before.
pub(in crate::credentials) async fn drop_key(
    db: &impl ConnectionTrait,
    key: &Model,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .set(ActiveModel {
            dropped_at: Set(Some(at)),
            private_key: Set(Vec::new()),
            ..Default::default()
        })
        .filter(Column::Kid.eq(key.kid.as_slice()))
        .filter(Column::Usage.eq(key.usage))
        .filter(Column::DroppedAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Destroy the keys that are due for it. Returns how many.
pub(in crate::credentials) async fn destroy(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let done = Entity::delete_many()
        .filter(Column::DestroyAt.lte(now))
        .exec(db)
        .await?;
    Ok(done.rows_affected)
}

/// The newest key list.
pub(in crate::credentials) async fn newest_list(
    db: &impl ConnectionTrait,
) -> Result<Option<key_list::Model>, DbErr> {
    key_list::Entity::find()
        .order_by_desc(key_list::Column::Version)
        .one(db)
        .await
}

/// Publish a key list. `false` if another instance published that version first.
pub(in crate::credentials) async fn publish_list(
    db: &impl ConnectionTrait,
    list: key_list::Model,
) -> Result<bool, DbErr> {
    let kept = key_list::Entity::insert(key_list::ActiveModel::from(list).reset_all())
        .on_conflict(
            OnConflict::column(key_list::Column::Version)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await;
    inserted(kept)
}

/// Remove the lists of versions below `version`. Returns how many.
pub(in crate::credentials) async fn remove_lists(
    db: &impl ConnectionTrait,
    version: i64,
) -> Result<u64, DbErr> {
    let done = key_list::Entity::delete_many()
        .filter(key_list::Column::Version.lt(version))
        .exec(db)
        .await?;
    Ok(done.rows_affected)
}

/// Count another permit that the key `kid` signs. `false` if it signed `most` of them.
pub(in crate::credentials) async fn count_permit(
    db: &impl ConnectionTrait,
    kid: &[u8],
    most: u32,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::Signed, Expr::col(Column::Signed).add(1))
        .filter(Column::Kid.eq(kid))
        .filter(Column::Usage.eq(KeyUse::Permit))
        .filter(Column::Signed.lt(i64::from(most)))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}
