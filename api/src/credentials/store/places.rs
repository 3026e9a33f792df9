//! Places of permits, and the lists that they are in, as rows.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    status_index::{ActiveModel, Column, Entity, Model},
    status_list,
    values::{PermitKind, StatusIndex},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict,
};
use uuid::Uuid;

use crate::platform::db::inserted;

/// Values of one statement.
const AT_ONCE: usize = 500;

/// The place of the permit whose record `record` is.
pub(in crate::credentials) async fn find(
    db: &impl ConnectionTrait,
    kind: PermitKind,
    record: Uuid,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id((kind, record)).one(db).await
}

/// Up to `limit` permits of `kind` whose days are not over, by record, after `after`.
pub(in crate::credentials) async fn running(
    db: &impl ConnectionTrait,
    kind: PermitKind,
    after: Option<Uuid>,
    limit: u64,
    now: DateTime<Utc>,
) -> Result<Vec<Model>, DbErr> {
    let mut query = Entity::find()
        .filter(Column::Kind.eq(kind))
        .filter(Column::ValidUntil.gt(now));
    if let Some(after) = after {
        query = query.filter(Column::Record.gt(after));
    }
    query
        .order_by_asc(Column::Record)
        .limit(limit)
        .all(db)
        .await
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

/// The list `number`.
pub(in crate::credentials) async fn list_of_number(
    db: &impl ConnectionTrait,
    number: u32,
) -> Result<Option<status_list::Model>, DbErr> {
    status_list::Entity::find_by_id(i64::from(number))
        .one(db)
        .await
}

/// Every list, the oldest first.
pub(in crate::credentials) async fn lists(
    db: &impl ConnectionTrait,
) -> Result<Vec<status_list::Model>, DbErr> {
    status_list::Entity::find()
        .order_by_asc(status_list::Column::Number)
        .all(db)
        .await
}

/// Forget up to `most` permits whose days were over before `before`. Returns how many.
pub(in crate::credentials) async fn forget(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
    most: u64,
) -> Result<u64, DbErr> {
    let old: Vec<StatusIndex> = Entity::find()
        .select_only()
        .column(Column::Place)
        .filter(Column::ValidUntil.lt(before))
        .order_by_asc(Column::ValidUntil)
        .limit(most)
        .into_tuple()
        .all(db)
        .await?;
    let mut forgotten = 0;
    for places in old.chunks(AT_ONCE) {
        let done = Entity::delete_many()
            .filter(Column::Place.is_in(places.iter().copied()))
            .exec(db)
            .await?;
        forgotten += done.rows_affected;
    }
    Ok(forgotten)
}

/// Forget `list`, unless a permit is in it.
pub(in crate::credentials) async fn close_list(
    db: &impl ConnectionTrait,
    list: &status_list::Model,
) -> Result<(), DbErr> {
    let number = u32::try_from(list.number).unwrap_or_default();
    let first = StatusIndex::new(number, 0);
    let end = StatusIndex::new(number, StatusIndex::PLACES - 1);
    let permit = Entity::find()
        .filter(Column::Place.between(first, end))
        .one(db)
        .await?;
    if permit.is_none() {
        status_list::Entity::delete_by_id(list.number)
            .exec(db)
            .await?;
    }
    Ok(())
}
