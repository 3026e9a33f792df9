//! Communities and villages, below the counties, and areas of which somebody is in charge.

use std::fmt;

use sea_orm::{DbErr, DeriveValueType, TryFromU64};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Division;

/// The twelve digits of a community or village: those of its county by GB/T 2260, three of the street
/// or township (GB/T 10114), and three of its own, which are not all nought.
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
#[schema(value_type = String, pattern = "^[1-8][0-9]{11}$", example = "370102001001")]
pub struct Community(String);

/// Not the code of a community.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the twelve digits of a community")]
pub struct CommunityError;

impl Community {
    /// The twelve digits.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0
    }

    /// The county or district that it lies in.
    ///
    /// # Errors
    ///
    /// Never, for a code that was checked.
    pub fn division(&self) -> Result<Division, CommunityError> {
        let six = self.0.get(..6).unwrap_or_default();
        Division::try_from(six.to_owned()).map_err(|_| CommunityError)
    }
}

impl TryFrom<String> for Community {
    type Error = CommunityError;

    fn try_from(code: String) -> Result<Self, CommunityError> {
        let digits = code.bytes().all(|byte| byte.is_ascii_digit());
        let county = code.get(..6).map(str::to_owned);
        let named = !code.ends_with("000");
        match county.map(Division::try_from) {
            Some(Ok(_)) if digits && named && code.len() == 12 => Ok(Self(code)),
            _ => Err(CommunityError),
        }
    }
}

impl From<Community> for String {
    fn from(community: Community) -> Self {
        community.0
    }
}

// SeaORM asks every primary key for this; only numeric ones have an answer.
impl TryFromU64 for Community {
    fn try_from_u64(_: u64) -> Result<Self, DbErr> {
        Err(DbErr::ConvertFromU64("Community"))
    }
}

/// What somebody is in charge of: a division with all that lies in it, or a single community. Kept as
/// the code, of six or twelve digits.
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
#[schema(value_type = String, pattern = "^[1-8]([0-9]{5}|[0-9]{11})$", example = "370102")]
pub struct Area(String);

/// Not the code of an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the code of a division or a community")]
pub struct AreaError;

impl Area {
    /// Its six or twelve digits.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0
    }

    /// The community, where it is one.
    #[must_use]
    pub fn community(&self) -> Option<Community> {
        Community::try_from(self.0.clone()).ok()
    }

    /// The division that it is, or that its community lies in.
    ///
    /// # Errors
    ///
    /// Never, for a code that was checked.
    pub fn division(&self) -> Result<Division, AreaError> {
        let six = self.0.get(..6).unwrap_or_default();
        Division::try_from(six.to_owned()).map_err(|_| AreaError)
    }

    /// The digits that the codes of all within it begin with.
    #[must_use]
    pub fn stem(&self) -> &str {
        let code = self.code();
        if code.len() > 6 {
            return code;
        }
        code.strip_suffix("0000")
            .or_else(|| code.strip_suffix("00"))
            .unwrap_or(code)
    }

    /// Whether `other` is this area or lies within it.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        other.code().starts_with(self.stem())
    }
}

impl From<Division> for Area {
    fn from(division: Division) -> Self {
        Self(division.into())
    }
}

impl From<Community> for Area {
    fn from(community: Community) -> Self {
        Self(community.into())
    }
}

impl TryFrom<String> for Area {
    type Error = AreaError;

    fn try_from(code: String) -> Result<Self, AreaError> {
        let known = if code.len() == 6 {
            Division::try_from(code.clone()).is_ok()
        } else {
            Community::try_from(code.clone()).is_ok()
        };
        if known {
            Ok(Self(code))
        } else {
            Err(AreaError)
        }
    }
}

impl From<Area> for String {
    fn from(area: Area) -> Self {
        area.0
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(code: &str) -> Area {
        Area::try_from(code.to_owned()).unwrap()
    }

    #[test]
    fn an_area_contains_what_lies_below_it_and_a_community_itself() {
        let codes = ["370000", "370100", "370102", "370102001001"];
        for (upper, code) in codes.iter().enumerate() {
            for (lower, other) in codes.iter().enumerate() {
                assert_eq!(
                    area(code).contains(&area(other)),
                    upper <= lower,
                    "{code} {other}"
                );
            }
        }
        assert!(!area("370102001001").contains(&area("370102001002")));
        assert!(!area("370102").contains(&area("370103001001")));
    }

    #[test]
    fn a_community_has_twelve_digits_and_a_number_of_its_own() {
        let community = Community::try_from("370102001001".to_owned()).unwrap();
        assert_eq!(community.division().unwrap().code(), "370102");
        assert_eq!(area("370102001001").community(), Some(community));
        assert_eq!(area("370102").community(), None);
        for code in [
            "",
            "370102",
            "370102001",
            "370102001000",
            "970102001001",
            "37010200100x",
        ] {
            assert!(Community::try_from(code.to_owned()).is_err(), "{code}");
        }
        for code in ["", "3701", "370102001000", "3701020010010"] {
            assert!(Area::try_from(code.to_owned()).is_err(), "{code}");
        }
    }
}
