//! Log-ins of staff.

use sea_orm::entity::prelude::*;

use crate::{
    staff_credential::Method,
    values::{StaffId, StaffSessionId},
};

text_enum! {
    /// Why a session of staff ended before its time.
    pub enum Ending in "String(StringLen::N(16))" {
        /// Its owner logged out.
        LoggedOut,
        /// Its owner logged in again.
        Replaced,
        /// The account was suspended.
        Suspended,
    }
}

/// A log-in of a member of staff. At most one of an account goes on.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staff_session")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: StaffSessionId,
    /// Whose.
    #[sea_orm(indexed)]
    pub account_id: StaffId,
    /// SHA-256 of its token, which has 256 random bits.
    #[sea_orm(unique)]
    pub digest: Vec<u8>,
    /// How it began.
    pub method: Method,
    /// When it began.
    pub began_at: DateTimeUtc,
    /// When it was last used, to within a minute.
    pub used_at: DateTimeUtc,
    /// When its owner last proved themselves.
    pub proved_at: DateTimeUtc,
    /// When it ends whatever happens.
    #[sea_orm(indexed)]
    pub expires_at: DateTimeUtc,
    /// When it was ended, if it was.
    pub ended_at: Option<DateTimeUtc>,
    /// Why it was ended.
    pub ending: Option<Ending>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
