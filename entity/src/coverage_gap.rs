//! Days on which nobody was on duty for a community.

use sea_orm::entity::prelude::*;

use crate::values::{Community, Gap};

/// A community for which nobody had signed in on a working day when it was time (P7): as it was then,
/// whatever came later.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "coverage_gap")]
pub struct Model {
    /// For which community.
    #[sea_orm(primary_key, auto_increment = false)]
    pub community: Community,
    /// On which day, in Asia/Shanghai.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// Who was missing.
    pub kind: Gap,
    /// When it was found.
    pub noted_at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
