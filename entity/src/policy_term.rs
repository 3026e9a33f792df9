//! When which version of a rule is in force.

use sea_orm::entity::prelude::*;

/// A time for which a version of a rule is in force. What lies in the past never changes, so what was
/// in force at any time can be told.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policy_term")]
pub struct Model {
    /// Which rule. No two of its versions are in force at once.
    #[sea_orm(primary_key, auto_increment = false)]
    pub rule: String,
    /// Since when, the instant itself included.
    #[sea_orm(primary_key, auto_increment = false)]
    pub starts_at: DateTimeUtc,
    /// Which version.
    pub version: String,
    /// Until when, if an end is set.
    pub ends_at: Option<DateTimeUtc>,
    /// Whether it ended because what happened was not what the dry run had predicted.
    pub rolled_back: bool,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
