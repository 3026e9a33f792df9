//! Places of permits, and the lists that they are in, as rows.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    status_index::{ActiveModel, Column, Entity, Model},
    status_list,
    values::PermitKind,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    QueryFilter, QueryOrder, sea_query::OnConflict,
};
use uuid::Uuid;

use crate::platform::db::inserted;

/// The place of the permit whose record `record` is.
pub(in crate::credentials) async fn find(
    db: &impl ConnectionTrait,
    kind: PermitKind,
    record: Uuid,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id((kind, record)).one(db).await
}

/// Keep `row`, unless its place is taken. `true` if kept.
pub(in crate::credentials) async fn insert(
    db: &impl ConnectionTrait,
    row: &Model,
) -> Result<bool, DbErr> {
    let kept = Entity::insert(ActiveModel::from(row.clone()).reset_all())
        .on_conflict(OnConflict::column(Column::Place).do_nothing().to_owned())
        .exec_without_returning(db)
        .await;
    inserted(kept)
}

/// The key `kid` signs the permit of `row`, which says what `digest` is of. `false` if somebody wrote
/// something else down meanwhile.
pub(in crate::credentials) async fn signed(
    db: &impl ConnectionTrait,
    row: &Model,
    kid: &[u8],
    digest: &[u8],
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let signed = ActiveModel {
        kid: Set(Some(kid.to_vec())),
        signed_at: Set(Some(at)),
        digest: Set(Some(digest.to_vec())),
        ..Default::default()
    };
    let as_it_was = match &row.signed_at {
        Some(at) => Column::SignedAt.eq(*at),
        None => Column::SignedAt.is_null(),
    };
    let done = Entity::update_many()
        .set(signed)
        .filter(Column::Kind.eq(row.kind))
        .filter(Column::Record.eq(row.record))
        .filter(as_it_was)
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// The part `part` of the list of `month`.
pub(in crate::credentials) async fn list(
    db: &impl ConnectionTrait,
    kind: PermitKind,
    month: NaiveDate,
    part: i64,
) -> Result<Option<status_list::Model>, DbErr> {
    use status_list::Column;
    status_list::Entity::find()
        .filter(Column::Kind.eq(kind))
        .filter(Column::Month.eq(month))
        .filter(Column::Part.eq(part))
        .one(db)
        .await
}

/// The part of the list of `month` that was opened last.
pub(in crate::credentials) async fn newest_list(
    db: &impl ConnectionTrait,
    kind: PermitKind,
    month: NaiveDate,
) -> Result<Option<status_list::Model>, DbErr> {
    use status_list::Column;
    status_list::Entity::find()
        .filter(Column::Kind.eq(kind))
        .filter(Column::Month.eq(month))
        .order_by_desc(Column::Part)
        .one(db)
        .await
}

/// The highest number of a list. Zero if there is none.
pub(in crate::credentials) async fn last_number(db: &impl ConnectionTrait) -> Result<i64, DbErr> {
    let last = status_list::Entity::find()
        .order_by_desc(status_list::Column::Number)
        .one(db)
        .await?;
    Ok(last.map_or(0, |list| list.number))
}

/// Keep `list`, unless somebody opened it or took its number. `true` if kept.
pub(in crate::credentials) async fn insert_list(
    db: &impl ConnectionTrait,
    list: &status_list::Model,
) -> Result<bool, DbErr> {
    let row = status_list::ActiveModel::from(list.clone()).reset_all();
    let kept = status_list::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(db)
        .await;
    inserted(kept)
}
