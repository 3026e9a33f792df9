//! Visits.

use sea_orm::entity::prelude::*;

use crate::values::{Assurance, Colour, VenueId, VisitWay};

/// Somebody was at a venue (V6–V8). The busiest table there is: on PostgreSQL a table a day.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "visit")]
pub struct Model {
    /// The local day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// Where.
    #[sea_orm(primary_key, auto_increment = false)]
    pub venue_id: VenueId,
    /// Who: a person, or a guest of the day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: Uuid,
    /// Which window since 1970 it falls into. Whoever comes again within one is there still.
    #[sea_orm(primary_key, auto_increment = false)]
    pub slot: i32,
    /// When they came.
    pub at: DateTimeUtc,
    /// When they said that they left.
    pub left_at: Option<DateTimeUtc>,
    /// How sure that is.
    pub assurance: Assurance,
    /// How it came to be written down.
    pub way: VisitWay,
    /// What they showed.
    pub colour: Colour,
    /// Who wrote it down for them: a person, a member of the venue's staff, a device.
    pub noted_by: Option<Uuid>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
