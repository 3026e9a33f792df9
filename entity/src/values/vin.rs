//! Identification numbers of vehicles (GB 16735, ISO 3779).

use std::fmt;

use sea_orm::{DbErr, DeriveValueType, TryFromU64};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

/// The identification number of a vehicle, which it has before it has a plate. That there is such a vehicle
/// is for its papers to say.
#[derive(Clone, PartialEq, Eq, Hash, DeriveValueType, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, min_length = 17, max_length = 17, example = "1M8GDM9AXKP042788")]
pub struct Vin(String);

/// What is wrong with an identification number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VinError {
    /// Not 17 characters.
    #[error("an identification number has 17 characters")]
    Length,
    /// Not letters and digits alone, or with an I, an O or a Q.
    #[error("no identification number has such characters")]
    Characters,
    /// The ninth character does not fit the others.
    #[error("the check digit does not fit")]
    CheckDigit,
}

impl VinError {
    /// Stable code for clients.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Characters => "characters",
            Self::CheckDigit => "check_digit",
        }
    }
}

/// What each place counts. The ninth is the check digit's own.
const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

impl Vin {
    /// Read a number as people write it: full-width characters, small letters, blanks and hyphens are
    /// accepted.
    ///
    /// Every vehicle made in China has the check digit; elsewhere some have none, and are refused.
    pub fn parse(text: &str) -> Result<Self, VinError> {
        if text.len() > 128 {
            return Err(VinError::Length);
        }
        let number: String = text
            .nfkc()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .map(|c| c.to_ascii_uppercase())
            .collect();
        if number.chars().count() != WEIGHTS.len() {
            return Err(VinError::Length);
        }
        let values: Option<Vec<u32>> = number.bytes().map(value).collect();
        let values = values.ok_or(VinError::Characters)?;
        let sum: u32 = values.iter().zip(WEIGHTS).map(|(v, w)| v * w).sum();
        let expected = match sum % 11 {
            10 => 'X',
            digit => char::from_digit(digit, 10).unwrap_or('X'),
        };
        if number.chars().nth(8) == Some(expected) {
            Ok(Self(number))
        } else {
            Err(VinError::CheckDigit)
        }
    }

    /// The 17 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a character counts: the letters in three rows of nine, without I, O and Q.
fn value(character: u8) -> Option<u32> {
    match character {
        digit @ b'0'..=b'9' => Some(u32::from(digit - b'0')),
        letter @ b'A'..=b'H' => Some(u32::from(letter - b'A') + 1),
        letter @ (b'J'..=b'N' | b'P' | b'R') => Some(u32::from(letter - b'J') + 1),
        letter @ b'S'..=b'Z' => Some(u32::from(letter - b'S') + 2),
        _ => None,
    }
}

/// Says nothing of whose the vehicle is.
impl fmt::Debug for Vin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vin(***)")
    }
}

// SeaORM asks every primary key for this; only numeric ones have an answer.
impl TryFromU64 for Vin {
    fn try_from_u64(_: u64) -> Result<Self, DbErr> {
        Err(DbErr::ConvertFromU64("Vin"))
    }
}

impl TryFrom<String> for Vin {
    type Error = VinError;

    fn try_from(text: String) -> Result<Self, VinError> {
        Self::parse(&text)
    }
}

impl From<Vin> for String {
    fn from(vin: Vin) -> Self {
        vin.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_that_fit_are_accepted_however_they_are_written() {
        for text in [
            "1M8GDM9AXKP042788",
            "5GZCZ43D13S812715",
            "11111111111111111",
            "1m8gdm9a-x-kp042788",
            "１Ｍ８ＧＤＭ９ＡＸＫＰ０４２７８８",
        ] {
            assert!(Vin::parse(text).is_ok(), "{text}");
        }
        let vin = Vin::parse(" 1m8gdm9axkp042788 ").unwrap();
        assert_eq!(vin.as_str(), "1M8GDM9AXKP042788");
        assert_eq!(format!("{vin:?}"), "Vin(***)");
    }

    #[test]
    fn what_does_not_fit_is_refused_by_what_is_wrong() {
        for (text, wrong) in [
            ("", VinError::Length),
            ("1M8GDM9AXKP04278", VinError::Length),
            ("1M8GDM9AXKP0427888", VinError::Length),
            ("1M8GDM9AXKP04278O", VinError::Characters),
            ("IM8GDM9AXKP042788", VinError::Characters),
            ("1M8GDM9AXKQ042788", VinError::Characters),
            ("1M8GDM9AXKP04278津", VinError::Characters),
            ("1M8GDM9A1KP042788", VinError::CheckDigit),
            ("1M8GDM9AXKP042789", VinError::CheckDigit),
        ] {
            assert_eq!(Vin::parse(text), Err(wrong), "{text}");
        }
    }

    proptest! {
        #[test]
        fn one_wrong_digit_never_passes(at in 11_usize..17, to in b'0'..=b'9') {
            let good = b"1M8GDM9AXKP042788";
            let mut changed = *good;
            changed[at] = to;
            prop_assume!(changed != *good);
            prop_assert!(Vin::parse(str::from_utf8(&changed).unwrap()).is_err());
        }

        #[test]
        fn nothing_that_anybody_writes_breaks_the_reader(text in ".{0,40}") {
            let _ = Vin::parse(&text);
        }
    }
}
