//! Administrative divisions.

use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A six-digit division code of GB/T 2260. Only its form is checked: abolished codes are legitimate.
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
#[schema(value_type = String, pattern = "^[1-8][0-9]{5}$", example = "310101")]
pub struct Division(String);

/// Not a division code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a six-digit division code")]
pub struct DivisionError;

impl Division {
    /// The first two digits: the province.
    #[must_use]
    pub fn province(&self) -> &str {
        self.0.get(..2).unwrap_or_default()
    }

    /// The six digits.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Division {
    type Error = DivisionError;

    fn try_from(code: String) -> Result<Self, DivisionError> {
        match code.as_bytes() {
            [b'1'..=b'8', rest @ ..] if rest.len() == 5 && rest.iter().all(u8::is_ascii_digit) => {
                Ok(Self(code))
            }
            _ => Err(DivisionError),
        }
    }
}

impl From<Division> for String {
    fn from(division: Division) -> Self {
        division.0
    }
}
