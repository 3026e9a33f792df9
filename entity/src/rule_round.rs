//! Which rules everybody was looked at for, and how far that got.

use sea_orm::entity::prelude::*;

use crate::values::PersonId;

/// A version of a rule that came into force here. When it does, and when it ends, everybody whom it
/// concerns is looked at, some at a time. The row is the job.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rule_round")]
pub struct Model {
    /// The rule.
    #[sea_orm(primary_key, auto_increment = false)]
    pub rule: String,
    /// Its version.
    #[sea_orm(primary_key, auto_increment = false)]
    pub rule_version: String,
    /// Where those live whom it concerns: divisions. Empty for everywhere.
    pub scope: Json,
    /// Whether it was in force when that was last looked at.
    pub in_force: bool,
    /// When that was found.
    pub since: DateTimeUtc,
    /// When to have the next people looked at: pushed forward while somebody does so. Null when there
    /// is nothing to do.
    pub due_at: Option<DateTimeUtc>,
    /// The last person marked.
    pub marked_person: Option<PersonId>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
