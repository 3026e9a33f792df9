//! Who stands in for whom.

use sea_orm::entity::prelude::*;

use crate::values::{DelegationId, Role, StaffId};

/// For a time one member of staff decides in another's place: a role that both hold.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review_delegation")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DelegationId,
    /// Who is away.
    pub from_account_id: StaffId,
    /// Who stands in.
    pub to_account_id: StaffId,
    /// For which role.
    pub role: Role,
    /// From when on.
    pub starts_at: DateTimeUtc,
    /// Until when.
    pub ends_at: DateTimeUtc,
    /// When it was made.
    pub made_at: DateTimeUtc,
    /// When it was ended before its time.
    pub ended_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
