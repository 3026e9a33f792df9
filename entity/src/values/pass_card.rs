//! Health pass cards: how they stand, and why they ended or were given anew.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a health pass card stands.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(10))",
    rename_all = "snake_case"
)]
#[serde(rename_all = "snake_case")]
pub enum PassCardState {
    /// Issued, and its days begin when the holder's code turns green (H7).
    Observing,
    /// Its days run.
    Active,
    /// It does not count for now.
    Suspended,
    /// It ended before its time.
    Void,
    /// Its days are over.
    Expired,
}

/// Why a card ended before its time.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(12))",
    rename_all = "snake_case"
)]
#[serde(rename_all = "snake_case")]
pub enum PassCardVoid {
    /// Another card was given for the same days.
    Replaced,
    /// A later application was granted.
    Renewed,
}

/// Why another card is given for the same days.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(12))",
    rename_all = "snake_case"
)]
#[serde(rename_all = "snake_case")]
pub enum PassCardReplacement {
    /// The paper was lost.
    Lost,
    /// The paper cannot be read any more.
    Damaged,
    /// What it says of the holder has changed.
    DataChanged,
}

/// What about a declaration is not true (P10).
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
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
pub enum Falsehood {
    /// Where they stayed.
    Residence,
    /// Whom they met.
    Contact,
    /// How they are.
    Health,
    /// When or from where they arrived.
    Arrival,
    /// Something else, which the text says.
    Other,
}
