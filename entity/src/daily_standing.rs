//! How many people showed which colour when a day was over (S30).

use sea_orm::entity::prelude::*;

use crate::values::{Colour, Division};

/// So many people of one division. What is told of it may be less: small numbers are withheld.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "daily_standing")]
pub struct Model {
    /// The local day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// Where they lived.
    #[sea_orm(primary_key, auto_increment = false)]
    pub division: Division,
    /// What they showed.
    #[sea_orm(primary_key, auto_increment = false)]
    pub colour: Colour,
    /// How many.
    pub people: i64,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
