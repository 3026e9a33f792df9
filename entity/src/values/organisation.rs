//! Units, who acts for them, and who is turned away at their doors.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a unit logs in with (L4).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "snake_case"
)]
#[serde(rename_all = "snake_case")]
pub enum CertificateKind {
    /// The legal-person certificate.
    LegalPersonCertificate,
    /// The electronic business licence.
    BusinessLicence,
}

/// How it ended that somebody acts for a unit, or was asked to.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(10))",
    rename_all = "snake_case"
)]
#[serde(rename_all = "snake_case")]
pub enum AgentEnding {
    /// They did not want to.
    Declined,
    /// They do not want to any more.
    Resigned,
    /// The unit took it back.
    Withdrawn,
}

/// Why somebody was turned away at a door (V9). Nothing of it is an illness.
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
    ToSchema,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(20))",
    rename_all = "snake_case"
)]
#[serde(rename_all = "snake_case")]
pub enum RefusalReason {
    /// Their code is red.
    RedCode,
    /// Their code is yellow.
    YellowCode,
    /// 37.3 °C or more.
    Fever,
    /// A test that the door asks for is missing or too old.
    NoValidTest,
    /// Their pass card does not hold, or is not theirs.
    PassNotGood,
    /// They would not show a code, nor a document.
    WouldNotShow,
    /// What they showed looks made up.
    SuspectedForgery,
}
