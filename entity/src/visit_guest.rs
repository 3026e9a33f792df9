//! Visitors who are nobody that we know.

use sea_orm::entity::prelude::*;

/// What a venue wrote down about a visitor who is not registered (V8).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "visit_guest")]
pub struct Model {
    /// Whom visits mean: the same all day for the same words, and another one on the next.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The local day.
    #[sea_orm(indexed)]
    pub day: Date,
    /// The words, sealed with the key of the day.
    pub words: Vec<u8>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
