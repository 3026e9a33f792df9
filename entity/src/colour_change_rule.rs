//! Which rules changes of colour come from: how a rule that came into force is held against its dry run.

use sea_orm::entity::prelude::*;

use crate::values::PersonId;

/// Without this version of the rule, the person would not have come to show what they show.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "colour_change_rule")]
pub struct Model {
    /// Which rule.
    #[sea_orm(primary_key, auto_increment = false)]
    pub rule: String,
    /// Which version.
    #[sea_orm(primary_key, auto_increment = false)]
    pub rule_version: String,
    /// Whose colour changed.
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_id: PersonId,
    /// The version of the assessment that found it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i64,
    /// When.
    pub at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
