//! Decisions on regions and the calendar as rows.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    calendar_day, calendar_year, region_opening,
    values::{Division, OpeningId},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::OnConflict,
};

use crate::platform::db::inserted;

/// The newest decision on the first of `chain` that has one. `chain` leads from a division outwards.
/// With `until`, as it was then.
pub(super) async fn nearest(
    db: &impl ConnectionTrait,
    chain: Vec<Division>,
    until: Option<DateTime<Utc>>,
) -> Result<Option<region_opening::Model>, DbErr> {
    use region_opening::{Column, Entity};
    Entity::find()
        .filter(Column::Division.is_in(chain))
        .apply_if(until, |all, until| all.filter(Column::SavedAt.lte(until)))
        // The codes of a chain grow towards its beginning.
        .order_by_desc(Column::Division)
        .order_by_desc(Column::SavedAt)
        .one(db)
        .await
}

/// Every decision, by division, newest first.
pub(super) async fn decisions(
    db: &impl ConnectionTrait,
) -> Result<Vec<region_opening::Model>, DbErr> {
    use region_opening::{Column, Entity};
    Entity::find()
        .order_by_asc(Column::Division)
        .order_by_desc(Column::SavedAt)
        .all(db)
        .await
}

/// The newest decision on `division` itself.
pub(super) async fn newest(
    db: &impl ConnectionTrait,
    division: &Division,
) -> Result<Option<region_opening::Model>, DbErr> {
    use region_opening::{Column, Entity};
    Entity::find()
        .filter(Column::Division.eq(division.clone()))
        .order_by_desc(Column::SavedAt)
        .lock_exclusive()
        .one(db)
        .await
}

pub(super) async fn insert(
    db: &impl ConnectionTrait,
    row: region_opening::Model,
) -> Result<(), DbErr> {
    region_opening::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Nothing more is to be done for the decisions on `division` so far.
pub(super) async fn supersede(db: &impl ConnectionTrait, division: &Division) -> Result<(), DbErr> {
    use region_opening::{ActiveModel, Column, Entity};
    Entity::update_many()
        .set(ActiveModel {
            due_at: Set(None),
            ..Default::default()
        })
        .filter(Column::Division.eq(division.clone()))
        .exec(db)
        .await
        .map(drop)
}

/// The decision that has been due longest.
pub(super) async fn due(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Option<region_opening::Model>, DbErr> {
    use region_opening::{Column, Entity};
    Entity::find()
        .filter(Column::DueAt.lte(now))
        .order_by_asc(Column::DueAt)
        .one(db)
        .await
}

/// Change the progress of `id` by `to`, unless it was superseded, or somebody moved it, since it was
/// seen to be due at `seen`. `true` if this call did.
pub(super) async fn move_on(
    db: &impl ConnectionTrait,
    id: OpeningId,
    seen: DateTime<Utc>,
    to: region_opening::ActiveModel,
) -> Result<bool, DbErr> {
    use region_opening::{Column, Entity};
    let done = Entity::update_many()
        .set(to)
        .filter(Column::Id.eq(id))
        .filter(Column::DueAt.eq(seen))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// The years that are known, and since `first`.
pub(super) async fn years(
    db: &impl ConnectionTrait,
    first: i32,
) -> Result<Vec<calendar_year::Model>, DbErr> {
    calendar_year::Entity::find()
        .filter(calendar_year::Column::Year.gte(first))
        .order_by_asc(calendar_year::Column::Year)
        .all(db)
        .await
}

/// The years that are known, kept from others that would change one.
pub(super) async fn years_locked(
    db: &impl ConnectionTrait,
) -> Result<Vec<calendar_year::Model>, DbErr> {
    calendar_year::Entity::find()
        .order_by_asc(calendar_year::Column::Year)
        .lock_exclusive()
        .all(db)
        .await
}

/// The days from `first` on that differ from the week, until `last` if it is given.
pub(super) async fn days(
    db: &impl ConnectionTrait,
    first: NaiveDate,
    last: Option<NaiveDate>,
) -> Result<Vec<calendar_day::Model>, DbErr> {
    use calendar_day::{Column, Entity};
    Entity::find()
        .filter(Column::Day.gte(first))
        .apply_if(last, |days, last| days.filter(Column::Day.lte(last)))
        .order_by_asc(Column::Day)
        .all(db)
        .await
}

/// Keep `row`, unless its year is known. `true` if this call kept it.
pub(super) async fn insert_year(
    db: &impl ConnectionTrait,
    row: calendar_year::Model,
) -> Result<bool, DbErr> {
    use calendar_year::{Column, Entity};
    let kept = Entity::insert(row.into_active_model().reset_all())
        .on_conflict(OnConflict::column(Column::Year).do_nothing().to_owned())
        .exec_without_returning(db)
        .await;
    inserted(kept)
}

/// Keep `row` in place of what was known of its year.
pub(super) async fn put_year(
    db: &impl ConnectionTrait,
    row: calendar_year::Model,
) -> Result<(), DbErr> {
    use calendar_year::{Column, Entity};
    let again = OnConflict::column(Column::Year)
        .update_columns([Column::Source, Column::SavedAt, Column::Version])
        .to_owned();
    Entity::insert(row.into_active_model().reset_all())
        .on_conflict(again)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Forget the days from `first` to `last`.
pub(super) async fn remove_days(
    db: &impl ConnectionTrait,
    first: NaiveDate,
    last: NaiveDate,
) -> Result<(), DbErr> {
    use calendar_day::{Column, Entity};
    Entity::delete_many()
        .filter(Column::Day.between(first, last))
        .exec(db)
        .await
        .map(drop)
}

pub(super) async fn insert_days(
    db: &impl ConnectionTrait,
    rows: Vec<calendar_day::Model>,
) -> Result<(), DbErr> {
    if rows.is_empty() {
        return Ok(());
    }
    let rows = rows
        .into_iter()
        .map(|row| row.into_active_model().reset_all());
    calendar_day::Entity::insert_many(rows)
        .exec_without_returning(db)
        .await
        .map(drop)
}
