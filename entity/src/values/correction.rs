//! What somebody says is wrong in what is recorded about them, and what became of it.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is wrong with a record.
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
pub enum Mistake {
    /// It is about somebody else.
    NotMine,
    /// The result, or what it says happened, is wrong.
    WrongResult,
    /// It happened at another time.
    WrongTime,
    /// It was true and is over.
    AlreadyRecovered,
    /// Something else, which the text says.
    Other,
}

/// How far a correction got.
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
    db_type = "String(StringLen::N(8))",
    rename_all = "snake_case"
)]
#[serde(rename_all = "snake_case")]
pub enum CorrectionState {
    /// Nobody decided yet.
    Open,
    /// The record was wrong and was taken back.
    Upheld,
    /// The record stands.
    Refused,
}

/// Why a record stands.
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
pub enum Refusal {
    /// It was looked into and is right.
    RecordIsRight,
    /// What was submitted does not show that it is wrong.
    NotShown,
    /// It is wrong, and the colour does not depend on it.
    WithoutEffect,
    /// Only the region whose data it is may take it back; the person was told whom to ask.
    OriginDecides,
    /// Something else, which the text says.
    Other,
}
