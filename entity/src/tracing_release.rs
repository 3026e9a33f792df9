//! Whose visits were released, for them to see.

use sea_orm::entity::prelude::*;

use crate::values::{PersonId, TracingId};

/// Somebody whose stay overlaps what a request asks for.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tracing_release")]
pub struct Model {
    /// Of which request.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tracing_id: TracingId,
    /// Who.
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_id: PersonId,
    /// Whether something at the door vouches for it. Whoever only scanned a printed code is told, and not
    /// named to anybody (S25).
    pub present: bool,
    /// Since when they were there.
    pub from_at: DateTimeUtc,
    /// Until when.
    pub until_at: DateTimeUtc,
    /// When they were told.
    #[sea_orm(indexed)]
    pub told_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
