//! When regions open, and what they offer then (H3).

use sea_orm::entity::prelude::*;

use crate::values::{Division, OpeningId, PersonId};

/// One decision on a region. What was decided never changes: a later decision on the same division
/// supersedes it, so what applied at any time can be told.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "region_opening")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OpeningId,
    /// The region. It and everything within it, but for regions within that have one of their own.
    #[sea_orm(indexed)]
    pub division: Division,
    /// When it opens.
    pub opens_at: DateTimeUtc,
    /// When it closes again.
    pub closes_at: Option<DateTimeUtc>,
    /// What it offers, and what people are told.
    pub plan: Json,
    /// When it was decided.
    pub saved_at: DateTimeUtc,
    /// When to have everybody of the region looked at: pushed forward while somebody does so. Null
    /// when there is nothing to do.
    #[sea_orm(indexed)]
    pub due_at: Option<DateTimeUtc>,
    /// Since when everybody is being marked. Null between two rounds.
    pub round_at: Option<DateTimeUtc>,
    /// The division of the last person marked in this round.
    pub marked_division: Option<Division>,
    /// The last person marked in this round.
    pub marked_person: Option<PersonId>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
