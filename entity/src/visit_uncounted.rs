//! Visits that no hour counts yet.

use sea_orm::entity::prelude::*;
use uuid::Uuid;

use crate::values::Colour;

/// Those who came in one hour and showed one colour, of those who were written down together.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "visit_uncounted")]
pub struct Model {
    /// Nothing but a name for the row.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The local day.
    pub day: Date,
    /// The local hour: 0 to 23.
    pub hour: i16,
    /// What they showed.
    pub colour: Colour,
    /// Where: the ids of the venues, 16 bytes each, one for each visit.
    pub venues: Vec<u8>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
