//! Approvals of the policy's rules.

use sea_orm::entity::prelude::*;

use crate::values::StaffId;

/// That somebody approved a version of a rule. Nobody approves one twice, or their own.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policy_approval")]
pub struct Model {
    /// Which rule.
    #[sea_orm(primary_key, auto_increment = false)]
    pub rule: String,
    /// Which version.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: String,
    /// Who.
    #[sea_orm(primary_key, auto_increment = false)]
    pub staff_id: StaffId,
    /// When.
    pub approved_at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
