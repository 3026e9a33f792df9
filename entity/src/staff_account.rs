//! Members of staff.

use sea_orm::entity::prelude::*;

use crate::values::{Division, StaffId};

/// A member of staff. What they may do is in their grants.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staff_account")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: StaffId,
    /// What they log in with beside a code: random, so that it names nobody.
    #[sea_orm(unique)]
    pub handle: String,
    /// Their name, sealed.
    pub name: Vec<u8>,
    /// The organisation that they work for: two people of one unit do not check each other.
    pub unit: String,
    /// The region whose administrators look after this account.
    #[sea_orm(indexed)]
    pub division: Division,
    /// Who invited them. Nobody, where the command line did.
    pub invited_by: Option<StaffId>,
    /// When.
    pub invited_at: DateTimeUtc,
    /// SHA-256 of the one-time enrolment secret, which has 256 random bits. None once it is spent.
    #[sea_orm(unique)]
    pub enrolment_digest: Option<Vec<u8>>,
    /// Until when the secret is good.
    pub enrolment_until: DateTimeUtc,
    /// When they enrolled a credential, if they did.
    pub enrolled_at: Option<DateTimeUtc>,
    /// When the account was suspended, if it is.
    pub suspended_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
