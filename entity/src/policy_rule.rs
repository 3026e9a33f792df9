//! Versions of the policy's rules.

use sea_orm::entity::prelude::*;

use crate::values::{RuleState, StaffId};

/// One version of a rule. Its document never changes once it is proposed; a version is never deleted
/// and never used again.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policy_rule")]
pub struct Model {
    /// Which rule.
    #[sea_orm(primary_key, auto_increment = false)]
    pub rule: String,
    /// Which version, such as `1.0.0`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: String,
    /// Where it stands.
    #[sea_orm(indexed)]
    pub state: RuleState,
    /// The rule as it was written.
    pub document: Json,
    /// Who wrote it. Nobody, where it came with the product.
    pub author: Option<StaffId>,
    /// When it was first saved.
    pub drafted_at: DateTimeUtc,
    /// When it came to stand where it stands.
    pub changed_at: DateTimeUtc,
    /// Who asked that it end, while a second person has not.
    pub end_asked_by: Option<StaffId>,
    /// When they want it to end.
    pub end_asked_for: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
