//! Days on which the week is not the rule.

use sea_orm::entity::prelude::*;

/// A holiday, or a weekend day that is worked. All other days follow the week.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "calendar_day")]
pub struct Model {
    /// Which, in Asia/Shanghai.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// Whether it is worked.
    pub working: bool,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
