//! Log-ins.

use sea_orm::entity::prelude::*;

use crate::values::{PersonId, SessionId};

text_enum! {
    /// The door that a session came through.
    pub enum Door in "String(StringLen::N(8))" {
        /// One-time code by SMS.
        Sms,
        /// WeChat mini-program.
        Wechat,
        /// Alipay mini-program.
        Alipay,
    }
}

text_enum! {
    /// Why a session ended before its time.
    pub enum Ending in "String(StringLen::N(16))" {
        /// Its owner logged out.
        LoggedOut,
        /// Its owner ended it from another session.
        Revoked,
        /// A refresh token was used twice.
        Reuse,
        /// Its owner had their account deleted.
        Deleted,
    }
}

/// A log-in and all tokens that come of it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SessionId,
    /// Whose.
    #[sea_orm(indexed)]
    pub person_id: PersonId,
    /// How it began.
    pub door: Door,
    /// What the client calls its device, sealed under the person's data key.
    pub device: Option<Vec<u8>>,
    /// When it began.
    pub created_at: DateTimeUtc,
    /// When a token of it was last refreshed.
    pub refreshed_at: DateTimeUtc,
    /// When it ends whatever happens.
    #[sea_orm(indexed)]
    pub expires_at: DateTimeUtc,
    /// When it was ended, if it was.
    pub ended_at: Option<DateTimeUtc>,
    /// Why it was ended.
    pub ending: Option<Ending>,
    /// Whether the short-lived store still has to hear that it ended.
    #[sea_orm(indexed)]
    pub ending_unpublished: bool,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
