//! The days that visits can be written down on.

use chrono::NaiveDate;
use entity::{visit_day, visit_deletion};
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, EntityTrait, IntoActiveModel, SelectExt, Statement,
    sea_query::OnConflict,
};

use crate::platform::db::inserted;

/// Have visits written down on `day`, with the sealed key `data_key` for its guests unless it has one.
/// Returns whether that is new; none if the day has been deleted, which is for good.
pub(in crate::visits) async fn make_day(
    db: &impl ConnectionTrait,
    day: NaiveDate,
    data_key: Vec<u8>,
) -> Result<Option<bool>, DbErr> {
    if is_deleted(db, day).await? {
        return Ok(None);
    }
    if db.get_database_backend() == DbBackend::Postgres {
        let make = "SELECT visit_make_day($1)";
        let make = Statement::from_sql_and_values(DbBackend::Postgres, make, [day.into()]);
        db.query_one_raw(make).await?;
    }
    let row = visit_day::Model { day, data_key };
    let made = visit_day::Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(db)
        .await;
    inserted(made).map(Some)
}

/// Whether `day` has been deleted.
pub(in crate::visits) async fn is_deleted(
    db: &impl ConnectionTrait,
    day: NaiveDate,
) -> Result<bool, DbErr> {
    visit_deletion::Entity::find_by_id(day).exists(db).await
}

/// The sealed key of `day`, if visits can be written down on it.
pub(in crate::visits) async fn data_key(
    db: &impl ConnectionTrait,
    day: NaiveDate,
) -> Result<Option<Vec<u8>>, DbErr> {
    let day = visit_day::Entity::find_by_id(day).one(db).await?;
    Ok(day.map(|day| day.data_key))
}
