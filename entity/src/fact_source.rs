//! Who brings facts from outside.

use sea_orm::entity::prelude::*;

use crate::values::{Division, StaffId};

/// A laboratory, a border post, another region's platform: whoever may sign files of facts.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "fact_source")]
pub struct Model {
    /// Its short name, which everything that it brings carries.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The region that its facts belong to.
    pub division: Division,
    /// What it may bring: an array of `test` and of kinds of facts.
    pub kinds: Json,
    /// Its public key of Ed25519, 32 bytes. Null if it signs nothing.
    pub public_key: Option<Vec<u8>>,
    /// Since when it is known.
    pub created_at: DateTimeUtc,
    /// Who registered it. Null of those that were there before that was kept.
    pub registered_by: Option<StaffId>,
    /// Who else approved it.
    pub approved_by: Option<StaffId>,
    /// When. Null until then: nothing that it signs counts.
    pub approved_at: Option<DateTimeUtc>,
    /// Until when, if it may no more. What it brought before stays.
    pub revoked_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
