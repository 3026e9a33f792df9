//! Where a rule of the policy stands.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a version of a rule stands, from its first draft to its end.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(12))",
    rename_all = "snake_case"
)]
#[serde(rename_all = "snake_case")]
pub enum RuleState {
    /// Being written. Once it is proposed, its text never changes.
    Draft,
    /// Proposed by its author: it waits for the dry run.
    Proposed,
    /// Tried on everybody: it waits for approvals.
    Simulated,
    /// Approved by two people: it waits for a date.
    Approved,
    /// Its date is set and published.
    Scheduled,
    /// In force.
    Active,
    /// In force no more: its time was over, or a later version took its place.
    Retired,
    /// Refused before it came into force.
    Refused,
    /// Taken back, because what happened was not what the dry run had predicted.
    RolledBack,
}
