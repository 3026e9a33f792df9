//! Orders on how far the service reduces itself.

use sea_orm::entity::prelude::*;

use crate::values::StaffId;

/// Between which levels the service moves until a time. The newest that is neither ended nor over counts.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "service_order")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The lowest level: 0 to 5.
    pub at_least: i64,
    /// The highest: 5 leaves the service free to go further by itself.
    pub at_most: i64,
    /// Why, in words.
    pub reason: String,
    /// Who ordered it. None for whoever runs commands on the machine.
    pub ordered_by: Option<StaffId>,
    /// When.
    pub ordered_at: DateTimeUtc,
    /// Until when it counts.
    pub until: DateTimeUtc,
    /// When it was taken back, or another took its place.
    pub ended_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
