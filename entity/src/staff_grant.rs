//! What members of staff may be, where and for how long.

use sea_orm::entity::prelude::*;

use crate::values::{Community, Division, GrantId, Role, StaffId};

/// A role in a region for a time. Somebody requests it and somebody else approves it; both are others
/// than the one who gets it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staff_grant")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: GrantId,
    /// Whose.
    #[sea_orm(indexed)]
    pub account_id: StaffId,
    /// What they may be.
    pub role: Role,
    /// Where: there and in everything that lies in it.
    #[sea_orm(indexed)]
    pub division: Division,
    /// The one community in `division` that it is for. None: for all of the division.
    #[sea_orm(indexed)]
    pub community: Option<Community>,
    /// From when on.
    pub starts_at: DateTimeUtc,
    /// Until when.
    pub ends_at: DateTimeUtc,
    /// Who requested it. Nobody, where the command line did.
    pub requested_by: Option<StaffId>,
    /// When.
    pub requested_at: DateTimeUtc,
    /// Who approved it. Nobody, where the command line did.
    pub approved_by: Option<StaffId>,
    /// When it was approved, if it was.
    pub approved_at: Option<DateTimeUtc>,
    /// When it was taken back, if it was.
    pub revoked_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
