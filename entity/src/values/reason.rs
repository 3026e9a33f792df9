//! The closed catalogue of causes for a colour.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Colour;

/// Why a code is not green (national interim measures, with Hubei's and Shandong's rules).
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
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(3))")]
pub enum ReasonCode {
    /// Fever or symptoms, reported or measured.
    #[sea_orm(string_value = "Y01")]
    Y01,
    /// Arrived from outside the province: observed for 14 days with daily reports (S3).
    #[sea_orm(string_value = "Y04")]
    Y04,
    /// The last declaration or check-in is too old (S1).
    #[sea_orm(string_value = "Y06")]
    Y06,
    /// Not decided: nothing declared yet, or the data comparison has not run.
    #[sea_orm(string_value = "G00")]
    G00,
}

impl ReasonCode {
    /// The colour that this cause makes.
    #[must_use]
    pub fn colour(self) -> Colour {
        match self {
            Self::Y01 | Self::Y04 | Self::Y06 => Colour::Yellow,
            Self::G00 => Colour::Grey,
        }
    }
}
