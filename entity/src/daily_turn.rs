//! How many people came to show which colour on a day, and for what (S30).

use sea_orm::entity::prelude::*;

use crate::values::{CauseClass, Colour, Division};

/// So many people of one division. What is told of it may be less: small numbers are withheld.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "daily_turn")]
pub struct Model {
    /// The local day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// Where they lived when it was over.
    #[sea_orm(primary_key, auto_increment = false)]
    pub division: Division,
    /// What they came to show.
    #[sea_orm(primary_key, auto_increment = false)]
    pub colour: Colour,
    /// For what.
    #[sea_orm(primary_key, auto_increment = false)]
    pub cause: CauseClass,
    /// How many: each person once, however often it happened.
    pub people: i64,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
