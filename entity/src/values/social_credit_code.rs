//! Unified social credit codes: GB 32100, and GB 11714 within.

use std::fmt;

use sea_orm::{DbErr, DeriveValueType, TryFromU64};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

use super::Division;

/// A unified social credit code (GB 32100) whose form and check characters fit. That a unit has it is for
/// whoever registered the unit to say.
#[derive(Debug, Clone, PartialEq, Eq, Hash, DeriveValueType, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, min_length = 18, max_length = 18, example = "91310115MA1H7ABC80")]
pub struct SocialCreditCode(String);

/// What is wrong with a unified social credit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SocialCreditCodeError {
    /// Not 18 characters of its alphabet, or without a division.
    #[error("not the form of a unified social credit code")]
    Form,
    /// The last character does not fit (GB 32100).
    #[error("the check character does not fit")]
    CheckCharacter,
    /// The check character of the organisation code within does not fit (GB 11714).
    #[error("the check character of the organisation code does not fit")]
    OrganisationCode,
}

impl SocialCreditCodeError {
    /// Stable code for clients.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::CheckCharacter => "check_character",
            Self::OrganisationCode => "organisation_code",
        }
    }
}

/// The characters and their values: no I, O, S, V and Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Powers of 3 modulo 31.
const WEIGHTS: [usize; 17] = [
    1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
];

/// Weights of GB 11714.
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// Where units that the central government registered belong to.
const CENTRAL: &str = "100000";

impl SocialCreditCode {
    /// Read a code as people write it: full-width characters, lower case, spaces and hyphens are accepted.
    ///
    /// Both check characters have to fit. Those of sole traders are said to break the second rule, so of
    /// theirs only the first is asked.
    pub fn parse(text: &str) -> Result<Self, SocialCreditCodeError> {
        use SocialCreditCodeError as Wrong;
        if text.len() > 96 {
            return Err(Wrong::Form);
        }
        let code: String = text
            .trim()
            .nfkc()
            .filter(|c| !matches!(c, ' ' | '-' | '·'))
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let bytes: &[u8; 18] = code.as_bytes().try_into().map_err(|_| Wrong::Form)?;
        let [department, class, middle @ ..] = bytes;
        let (division, rest) = middle.split_first_chunk::<6>().ok_or(Wrong::Form)?;
        let organisation: &[u8; 9] = rest.first_chunk().ok_or(Wrong::Form)?;
        let divided = str::from_utf8(division).map(|text| Division::try_from(text.to_owned()));
        if !matches!(department, b'1'..=b'9' | b'A' | b'N' | b'Y')
            || !class.is_ascii_digit()
            || !matches!(divided, Ok(Ok(_)))
        {
            return Err(Wrong::Form);
        }
        check_character(bytes)?;
        let is_sole_trader = [*department, *class] == *b"92";
        if !is_sole_trader && !organisation_code_fits(organisation) {
            return Err(Wrong::OrganisationCode);
        }
        Ok(Self(code))
    }

    /// The 18 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where the unit was registered.
    #[must_use]
    pub fn division(&self) -> Option<Division> {
        let digits = self.0.get(2..8)?;
        Division::try_from(digits.to_owned()).ok()
    }

    /// Whether the central government registered the unit, which may be anywhere: no company is
    /// registered so.
    #[must_use]
    pub fn is_central(&self) -> bool {
        self.0.get(2..8) == Some(CENTRAL) && !self.0.starts_with('9')
    }
}

fn check_character(code: &[u8; 18]) -> Result<(), SocialCreditCodeError> {
    use SocialCreditCodeError as Wrong;
    let value = |character: &u8| ALPHABET.iter().position(|known| known == character);
    let values: Option<Vec<usize>> = code.iter().map(value).collect();
    let values = values.ok_or(Wrong::Form)?;
    let sum: usize = values.iter().zip(WEIGHTS).map(|(v, w)| v * w).sum();
    // The outer remainder matters: without it a code with the check character 0 would never fit.
    let expected = (31 - sum % 31) % 31;
    if values.last() == Some(&expected) {
        Ok(())
    } else {
        Err(Wrong::CheckCharacter)
    }
}

fn organisation_code_fits(code: &[u8; 9]) -> bool {
    let [body @ .., check] = code;
    let value = |character: &u8| match character {
        digit @ b'0'..=b'9' => u32::from(digit - b'0'),
        letter => u32::from(letter.saturating_sub(b'A')) + 10,
    };
    let sum: u32 = body
        .iter()
        .zip(ORGANISATION_WEIGHTS)
        .map(|(character, weight)| value(character) * weight)
        .sum();
    let expected = match 11 - sum % 11 {
        10 => b'X',
        11 => b'0',
        digit => u8::try_from(digit).map_or(b'0', |digit| b'0' + digit),
    };
    *check == expected
}

impl fmt::Display for SocialCreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// SeaORM asks every primary key for this; only numeric ones have an answer.
impl TryFromU64 for SocialCreditCode {
    fn try_from_u64(_: u64) -> Result<Self, DbErr> {
        Err(DbErr::ConvertFromU64("SocialCreditCode"))
    }
}

impl TryFrom<String> for SocialCreditCode {
    type Error = SocialCreditCodeError;

    fn try_from(text: String) -> Result<Self, SocialCreditCodeError> {
        Self::parse(&text)
    }
}

impl From<SocialCreditCode> for String {
    fn from(code: SocialCreditCode) -> Self {
        code.0
    }
}

#[cfg(test)]
mod tests {
    use SocialCreditCodeError::{CheckCharacter, Form, OrganisationCode};
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<(), SocialCreditCodeError> {
        SocialCreditCode::parse(text).map(drop)
    }

    #[test]
    fn codes_that_fit_are_accepted_however_they_are_written() {
        for code in [
            "91310115MA1H7ABC80",
            "91310000MA1H7ABC83",
            "92310104MA1H7ABC8Y",
            "N2310115MA1H7ABC8F",
            "91110000600037341L",
            "12100000400009880K",
            " 91310115-ma1h7abc8-0 ",
            "９１３１０１１５ＭＡ１Ｈ７ＡＢＣ８０",
        ] {
            assert_eq!(parse(code), Ok(()), "{code}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_by_what_is_wrong() {
        for (code, wrong) in [
            ("91310115MA1H7ABC81", CheckCharacter),
            ("", Form),
            ("91310115MA1H7ABC8", Form),
            ("91310115MA1H7ABC800", Form),
            ("9131011OMA1H7ABC80", Form),
            ("Z1310115MA1H7ABC80", Form),
            ("91010115MA1H7ABC80", Form),
            ("91310115MA1H7ABI80", Form),
            ("91310115统一社会信用代码", Form),
        ] {
            assert_eq!(parse(code), Err(wrong), "{code}");
        }
    }

    /// `body` with the last character that fits.
    fn completed(body: &str) -> String {
        ALPHABET
            .iter()
            .map(|last| format!("{body}{}", char::from(*last)))
            .find(|code| check_character(code.as_bytes().try_into().unwrap()).is_ok())
            .unwrap()
    }

    #[test]
    fn the_code_within_has_to_fit_but_that_of_a_sole_trader() {
        let company = completed("91310115MA1H7ABC7");
        assert_eq!(parse(&company), Err(OrganisationCode));
        assert_eq!(parse(&completed("92310115MA1H7ABC7")), Ok(()));
    }

    #[test]
    fn a_code_says_where_its_unit_was_registered() {
        let read = |code| SocialCreditCode::parse(code).unwrap();
        let of = |code| read(code).division().unwrap().code().to_owned();
        assert_eq!(of("91310115MA1H7ABC80"), "310115");
        assert!(read("12100000400009880K").is_central());
        assert!(!read("91310000MA1H7ABC83").is_central());
        assert!(!read(&completed("91100000MA1H7ABC8")).is_central());
    }

    proptest! {
        #[test]
        fn one_wrong_character_never_passes(at in 0_usize..18, to in 0_usize..31) {
            let good = b"91310115MA1H7ABC80";
            let mut changed = *good;
            changed[at] = ALPHABET[to];
            prop_assume!(changed != *good);
            prop_assert!(parse(str::from_utf8(&changed).unwrap()).is_err());
        }

        #[test]
        fn nothing_that_anybody_writes_breaks_the_reader(text in ".{0,40}") {
            let _ = SocialCreditCode::parse(&text);
        }
    }
}
