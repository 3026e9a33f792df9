//! Years whose holidays are known.

use sea_orm::entity::prelude::*;

/// A year whose holidays and worked weekends were announced and are kept in `calendar_day`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "calendar_year")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub year: i32,
    /// Who announced it: the number of the notice.
    pub source: String,
    /// When it was saved.
    pub saved_at: DateTimeUtc,
    /// Grows over all years with each change, so that a deadline can be told to be out of date.
    pub version: i64,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
