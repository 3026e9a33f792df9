//! How many came to a venue in an hour.

use sea_orm::entity::prelude::*;

use crate::values::VenueId;

/// Visits of one venue in one hour, counted with them.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "venue_hour")]
pub struct Model {
    /// The local day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// Where.
    #[sea_orm(primary_key, auto_increment = false)]
    pub venue_id: VenueId,
    /// The local hour: 0 to 23.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hour: i16,
    /// Visitors who showed green.
    pub green: i32,
    /// Visitors who showed grey.
    pub grey: i32,
    /// Visitors who showed yellow.
    pub yellow: i32,
    /// Visitors who showed red.
    pub red: i32,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
