//! Administrative divisions.

use sea_orm::{DbErr, DeriveValueType, TryFromU64};
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

    /// The digits that all codes within it begin with: two of a province, four of a prefecture.
    #[must_use]
    pub fn stem(&self) -> &str {
        let code = self.code();
        code.strip_suffix("0000")
            .or_else(|| code.strip_suffix("00"))
            .unwrap_or(code)
    }

    /// Whether `other` is this division or lies within it. By the codes alone, so it holds for
    /// abolished ones too.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        other.code().starts_with(self.stem())
    }

    /// The codes that contain this one, itself first and the province last. Codes that nobody
    /// assigned may be among them.
    #[must_use]
    pub fn chain(&self) -> Vec<Self> {
        let ends = |digits| Some(format!("{:0<6}", self.0.get(..digits)?));
        let mut chain: Vec<Self> = [6, 4, 2].into_iter().filter_map(ends).map(Self).collect();
        chain.dedup();
        chain
    }
}

// SeaORM asks every primary key for this; only numeric ones have an answer.
impl TryFromU64 for Division {
    fn try_from_u64(_: u64) -> Result<Self, DbErr> {
        Err(DbErr::ConvertFromU64("Division"))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn division(code: &str) -> Division {
        Division::try_from(code.to_owned()).unwrap()
    }

    #[test]
    fn a_province_contains_its_counties_and_a_county_only_itself() {
        let [province, prefecture, county] = ["310000", "310100", "310101"].map(division);
        for (region, inside, holds) in [
            (&province, &county, true),
            (&province, &province, true),
            (&prefecture, &county, true),
            (&county, &county, true),
            (&county, &province, false),
            (&county, &division("310104"), false),
            (&province, &division("320101"), false),
        ] {
            assert_eq!(region.contains(inside), holds, "{region:?} {inside:?}");
        }
    }

    #[test]
    fn a_chain_leads_from_a_code_to_its_province() {
        let codes = |code| {
            let chain = division(code).chain().into_iter();
            chain.map(String::from).collect::<Vec<_>>()
        };
        assert_eq!(codes("310101"), ["310101", "310100", "310000"]);
        assert_eq!(codes("441900"), ["441900", "440000"]);
        assert_eq!(codes("310000"), ["310000"]);
    }
}
