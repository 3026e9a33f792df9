//! Vehicles that somebody asked a pass for.

use sea_orm::entity::prelude::*;

/// A vehicle: whoever asks a pass for it has this row to themselves, so that no two are given that overlap.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "vehicle_identity")]
pub struct Model {
    /// The plate, or the number of the vehicle itself where it has none.
    #[sea_orm(primary_key, auto_increment = false)]
    pub mark: String,
    /// When a pass was asked for last.
    pub asked_at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
