//! The closed catalogue of causes for a colour.

use sea_orm::{Iterable, entity::prelude::*};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Colour;

/// Why a code is not green (national interim measures, with the rules of Guangxi, Hubei, Shandong and
/// Shanghai). Which facts lead to which cause is the policy's to say.
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
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(3))")]
pub enum ReasonCode {
    /// Confirmed case or asymptomatic infection.
    #[sea_orm(string_value = "R01")]
    R01,
    /// Suspected case or unexplained fever.
    #[sea_orm(string_value = "R02")]
    R02,
    /// Close contact of a case.
    #[sea_orm(string_value = "R03")]
    R03,
    /// Contact of a close contact.
    #[sea_orm(string_value = "R04")]
    R04,
    /// Entered from abroad, in isolation.
    #[sea_orm(string_value = "R05")]
    R05,
    /// Stayed in an area of high risk.
    #[sea_orm(string_value = "R06")]
    R06,
    /// Inside a sealed area.
    #[sea_orm(string_value = "R07")]
    R07,
    /// Pushed by the national platform or another region, which alone may release it.
    #[sea_orm(string_value = "R08")]
    R08,
    /// Red by a decision that one person requested and two approved, for a time.
    #[sea_orm(string_value = "R09")]
    R09,
    /// Fever or symptoms, reported or measured.
    #[sea_orm(string_value = "Y01")]
    Y01,
    /// In the same place at the same time as a case, or awaiting a single re-test.
    #[sea_orm(string_value = "Y02")]
    Y02,
    /// Came from an area of medium risk.
    #[sea_orm(string_value = "Y03")]
    Y03,
    /// Arrived from outside the province: observed for 14 days with daily reports (S3).
    #[sea_orm(string_value = "Y04")]
    Y04,
    /// Recovered or released from isolation, monitored at home.
    #[sea_orm(string_value = "Y05")]
    Y05,
    /// The last declaration or check-in is too old (S1).
    #[sea_orm(string_value = "Y06")]
    Y06,
    /// A routine nucleic-acid test is overdue where routine testing is ordered.
    #[sea_orm(string_value = "Y07")]
    Y07,
    /// Yellow by a decision that one person requested and two approved, for a time.
    #[sea_orm(string_value = "Y08")]
    Y08,
    /// Not decided: nothing declared yet, or the data comparison has not run.
    #[sea_orm(string_value = "G00")]
    G00,
}

impl ReasonCode {
    /// Its name, as in `R01`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::R01 => "R01",
            Self::R02 => "R02",
            Self::R03 => "R03",
            Self::R04 => "R04",
            Self::R05 => "R05",
            Self::R06 => "R06",
            Self::R07 => "R07",
            Self::R08 => "R08",
            Self::R09 => "R09",
            Self::Y01 => "Y01",
            Self::Y02 => "Y02",
            Self::Y03 => "Y03",
            Self::Y04 => "Y04",
            Self::Y05 => "Y05",
            Self::Y06 => "Y06",
            Self::Y07 => "Y07",
            Self::Y08 => "Y08",
            Self::G00 => "G00",
        }
    }

    /// The cause of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::iter().find(|code| code.name() == name)
    }

    /// The colour that this cause makes.
    #[must_use]
    pub fn colour(self) -> Colour {
        match self {
            Self::R01
            | Self::R02
            | Self::R03
            | Self::R04
            | Self::R05
            | Self::R06
            | Self::R07
            | Self::R08
            | Self::R09 => Colour::Red,
            Self::Y01
            | Self::Y02
            | Self::Y03
            | Self::Y04
            | Self::Y05
            | Self::Y06
            | Self::Y07
            | Self::Y08 => Colour::Yellow,
            Self::G00 => Colour::Grey,
        }
    }
}
