//! What people complain of.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What somebody complains of, in how their application was handled (S3).
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
    db_type = "String(StringLen::N(32))",
    rename_all = "snake_case"
)]
#[serde(rename_all = "snake_case")]
pub enum ComplaintKind {
    /// They were put off, or sent from one to another.
    Prevarication,
    /// Nobody would handle it.
    RefusedToHandle,
    /// Something was asked for that no rule asks for.
    AdditionalConditionDemanded,
    /// They were treated rudely.
    Rude,
    /// It takes too long.
    Delay,
    /// Something else.
    Other,
}
