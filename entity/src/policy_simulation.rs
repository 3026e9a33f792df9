//! Dry runs of the policy's rules.

use sea_orm::entity::prelude::*;

/// What trying a version of a rule on everybody found, and what may happen once it is in force.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policy_simulation")]
pub struct Model {
    /// Which rule.
    #[sea_orm(primary_key, auto_increment = false)]
    pub rule: String,
    /// Which version.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: String,
    /// When.
    pub taken_at: DateTimeUtc,
    /// On how many people.
    pub people: i64,
    /// How many of them would show another colour.
    pub would_change: i64,
    /// The same by division, colour before and colour after.
    pub changes: Json,
    /// The fewest people who may come to show another colour because of it.
    pub band_low: i64,
    /// The most.
    pub band_high: i64,
    /// When what happened was found to be within the band, if it was.
    pub settled_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
