//! Days whose visits are kept.

use sea_orm::entity::prelude::*;

/// A day that visits can be written down on.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "visit_day")]
pub struct Model {
    /// The local day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// The sealed key of what is written about guests on it. It goes with the day, and what it sealed can
    /// never be read again, not even in a copy.
    pub data_key: Vec<u8>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
