//! Causes for a colour other than green.

use sea_orm::entity::prelude::*;

use crate::values::{HoldId, PersonId, ReasonCode};

/// A cause that holds from its start until it is released. The colour follows from the holds; no
/// column anywhere says it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "hold")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: HoldId,
    /// Whose code.
    #[sea_orm(indexed)]
    pub person_id: PersonId,
    /// The cause.
    pub reason: ReasonCode,
    /// The rule that found it.
    pub rule: String,
    /// That rule's version.
    pub rule_version: String,
    /// What it was found in: a table's name and a row's id. A hold without evidence cannot exist, and
    /// a rule holds one thing once at a time.
    pub evidence: String,
    /// 0 for the hold itself, 1 for the one that follows when it is released.
    pub phase: i16,
    /// What it was found in, as it was then. Null for a hold of a time before this was kept.
    pub found: Option<Json>,
    /// The region whose data it comes from.
    pub source_region: String,
    /// Since when.
    pub starts_at: DateTimeUtc,
    /// The earliest release, where the rule sets a length, as far as was known at the start.
    pub earliest_release_at: Option<DateTimeUtc>,
    /// When it was released, if it was.
    pub released_at: Option<DateTimeUtc>,
    /// What released it: the evidence itself, taken back or corrected; other evidence; or a rule.
    pub released_by: Option<String>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
