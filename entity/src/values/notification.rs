//! What notifications are about, how they travel, and what became of them.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

text_enum! {
    /// What a notification is about.
    pub enum NotificationKind in "String(StringLen::N(16))" {
        /// A code shows another colour.
        CodeChanged,
        /// Today's check-in has not been made.
        CheckInDue,
        /// A case was decided.
        ReviewDecided,
        /// The time to decide a case is about to run out.
        ReviewDue,
        /// A pass is about to expire.
        PassExpiring,
        /// A pass counts no more for now, or counts again.
        PassStanding,
        /// Somebody in another province saw a pass, with its holder's leave.
        PassRecognised,
        /// Somebody was asked to ride along.
        RideAsked,
        /// Visits were released to the health authority.
        VisitsReleased,
        /// Somebody was turned away at a door, and their headquarters was told.
        ControlAction,
        /// The code of a venue counts no more for now, or counts again.
        VenueStanding,
        /// What was declared was marked as not true, or such a mark was taken back.
        DeclarationMark,
    }
}

/// Where a notification stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(9))",
    rename_all = "snake_case"
)]
pub enum NotificationState {
    /// To be sent, perhaps again.
    Waiting,
    /// A platform or gateway accepted it.
    Sent,
    /// Tried too often. Only an operator has it tried again.
    Dead,
    /// It has become pointless, or may be sent nowhere.
    Withdrawn,
}

text_enum! {
    /// How a notification reaches a person.
    pub enum NotificationChannel in "String(StringLen::N(6))" {
        /// A subscribe message in WeChat.
        Wechat,
        /// A template message in Alipay.
        Alipay,
        /// A short message.
        Sms,
    }
}

/// Who approved a template, and shows what it says.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(7))",
    rename_all = "snake_case"
)]
#[serde(rename_all = "snake_case")]
pub enum TemplateChannel {
    /// A mini-program of WeChat.
    Wechat,
    /// A mini-program of Alipay.
    Alipay,
    /// Aliyun's SMS gateway.
    Aliyun,
    /// Tencent Cloud's SMS gateway.
    Tencent,
}

/// A language that notifications are written in.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(2))",
    rename_all = "snake_case"
)]
#[serde(rename_all = "snake_case")]
pub enum NotificationLanguage {
    /// Simplified Chinese.
    #[default]
    Zh,
    /// English.
    En,
}
