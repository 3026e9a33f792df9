//! Stretches of road.

use std::{fmt, str::FromStr};

use sea_orm::{DbErr, DeriveValueType, TryFromU64};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Division;

/// What a section of a road is called where people read it out: the six digits of its county or district, a
/// hyphen, and four of its own, which are not all nought.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    DeriveValueType,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^[1-8][0-9]{5}-[0-9]{4}$", example = "120102-0007")]
pub struct SectionCode(String);

/// Not the code of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a division, a hyphen and four digits")]
pub struct SectionCodeError;

impl SectionCode {
    /// The eleven characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The county or district that keeps the section in its catalogue.
    ///
    /// # Errors
    ///
    /// Never, for a code that was checked.
    pub fn division(&self) -> Result<Division, SectionCodeError> {
        let six = self.0.get(..6).unwrap_or_default();
        Division::try_from(six.to_owned()).map_err(|_| SectionCodeError)
    }
}

impl fmt::Display for SectionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for SectionCode {
    type Err = SectionCodeError;

    fn from_str(text: &str) -> Result<Self, SectionCodeError> {
        let (division, serial) = text.split_once('-').ok_or(SectionCodeError)?;
        let numbered = serial.len() == 4
            && serial.bytes().all(|byte| byte.is_ascii_digit())
            && serial != "0000";
        if numbered && Division::try_from(division.to_owned()).is_ok() {
            Ok(Self(text.to_owned()))
        } else {
            Err(SectionCodeError)
        }
    }
}

impl TryFrom<String> for SectionCode {
    type Error = SectionCodeError;

    fn try_from(text: String) -> Result<Self, SectionCodeError> {
        text.parse()
    }
}

impl From<SectionCode> for String {
    fn from(code: SectionCode) -> Self {
        code.0
    }
}

// SeaORM asks every primary key for this; only numeric ones have an answer.
impl TryFromU64 for SectionCode {
    fn try_from_u64(_: u64) -> Result<Self, DbErr> {
        Err(DbErr::ConvertFromU64("SectionCode"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_names_its_district_and_reads_back() {
        let code: SectionCode = "120102-0007".parse().unwrap();
        assert_eq!(code.division().unwrap().code(), "120102");
        assert_eq!(code.to_string(), "120102-0007");
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for text in [
            "",
            "120102",
            "120102-",
            "120102-7",
            "120102-00007",
            "120102-0000",
            "120102-000x",
            "920102-0007",
            "12010-0007",
            "1201020007",
            "120102-0007 ",
            "120102-０００7",
        ] {
            assert_eq!(text.parse::<SectionCode>(), Err(SectionCodeError), "{text}");
        }
    }
}
