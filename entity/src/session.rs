//! Log-ins.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::values::{PersonId, SessionId};

/// The door that a session came through.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(8))",
    rename_all = "snake_case"
)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// One-time code by SMS.
    Sms,
    /// WeChat mini-program.
    Wechat,
    /// Alipay mini-program.
    Alipay,
}

/// Why a session ended before its time.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "snake_case"
)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Its owner logged out.
    LoggedOut,
    /// Its owner ended it from another session.
    Revoked,
    /// A refresh token was used twice.
    Reuse,
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
