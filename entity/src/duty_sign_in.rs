//! Who signed in for duty.

use sea_orm::entity::prelude::*;

use crate::values::{Community, StaffId};

/// An issuer who signed in for a community on a day (P7).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "duty_sign_in")]
pub struct Model {
    /// For which community.
    #[sea_orm(primary_key, auto_increment = false)]
    pub community: Community,
    /// On which day, in Asia/Shanghai.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// Who.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: StaffId,
    /// When, the first time.
    pub at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
