//! Identity documents and their numbers: GB 11643 and the forms beside it.

use std::fmt;

use chrono::{Datelike, NaiveDate};
use sea_orm::entity::prelude::*;
use unicode_normalization::UnicodeNormalization;

text_enum! {
    /// Kinds of identity document.
    pub enum DocumentKind in "String(StringLen::N(32))" {
        /// Resident identity card, with a citizen number of GB 11643.
        ResidentCard,
        /// Residence permit of a Hong Kong, Macao or Taiwan resident: the same form, divisions 81 to 83.
        ResidencePermit,
        /// Foreigner's permanent residence card: 18 characters that begin with 9, or the older 15.
        ForeignerPermanentCard,
        /// Mainland travel permit of a Hong Kong or Macao resident.
        HongKongMacaoPermit,
        /// Mainland travel permit of a Taiwan resident.
        TaiwanPermit,
        /// Passport of the People's Republic of China.
        Passport,
    }
}

impl DocumentKind {
    /// The stable name, as stored and transmitted.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ResidentCard => "resident_card",
            Self::ResidencePermit => "residence_permit",
            Self::ForeignerPermanentCard => "foreigner_permanent_card",
            Self::HongKongMacaoPermit => "hong_kong_macao_permit",
            Self::TaiwanPermit => "taiwan_permit",
            Self::Passport => "passport",
        }
    }
}

/// A document number whose form, date and check character are right. That it was issued is for the
/// registry to say.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Document {
    kind: DocumentKind,
    number: String,
}

/// What is wrong with a document number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Not the length or the characters of this kind.
    #[error("not a number of this kind of document")]
    Form,
    /// The first two digits are no province.
    #[error("no such province")]
    Province,
    /// The date of birth does not exist, is before 1880, or has not come yet.
    #[error("no such date of birth")]
    BirthDate,
    /// The check character does not fit (ISO 7064 MOD 11-2).
    #[error("the check character does not fit")]
    CheckCharacter,
}

impl DocumentError {
    /// Stable code for clients.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Province => "province",
            Self::BirthDate => "birth_date",
            Self::CheckCharacter => "check_character",
        }
    }
}

impl Document {
    /// Read the number of a document of `kind`, on `today`. Full-width characters and lower case are
    /// accepted and mean the same number.
    pub fn parse(kind: DocumentKind, text: &str, today: NaiveDate) -> Result<Self, DocumentError> {
        if text.len() > 96 {
            return Err(DocumentError::Form);
        }
        let number = if text.is_ascii() {
            text.trim().to_ascii_uppercase()
        } else {
            text.trim().nfkc().collect::<String>().to_ascii_uppercase()
        };
        let bytes = number.as_bytes();
        match kind {
            DocumentKind::ResidentCard => citizen_number(bytes, today, MAINLAND)?,
            DocumentKind::ResidencePermit => citizen_number(bytes, today, &[81, 82, 83])?,
            DocumentKind::ForeignerPermanentCard => permanent_card(bytes)?,
            DocumentKind::HongKongMacaoPermit => {
                prefixed_digits(bytes, |first| matches!(first, b'H' | b'M'), 8)?;
            }
            DocumentKind::TaiwanPermit => all_digits(bytes, 8)?,
            DocumentKind::Passport => passport(bytes)?,
        }
        Ok(Self { kind, number })
    }

    /// A number that was checked before it was stored.
    #[must_use]
    pub fn stored(kind: DocumentKind, number: String) -> Self {
        Self { kind, number }
    }

    /// What kind of document.
    #[must_use]
    pub fn kind(&self) -> DocumentKind {
        self.kind
    }

    /// The number. Not for logs, URLs or errors.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.number
    }

    /// The date of birth that the number says (GB 11643). None of the kinds that say none.
    #[must_use]
    pub fn born(&self) -> Option<NaiveDate> {
        match self.kind {
            DocumentKind::ResidentCard | DocumentKind::ResidencePermit => {
                birth_date(self.number.as_bytes())
            }
            _ => None,
        }
    }

    /// The number as its owner may see it on a screen: `310101********0019`.
    #[must_use]
    pub fn masked(&self) -> String {
        let count = self.number.chars().count();
        let head = if count >= 18 { 6 } else { 1 };
        let tail = if count >= 18 { 4 } else { 2 };
        self.number
            .chars()
            .enumerate()
            .map(|(at, c)| {
                if at < head || at + tail >= count {
                    c
                } else {
                    '*'
                }
            })
            .collect()
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({}, ***)", self.kind.name())
    }
}

/// First two digits of mainland divisions (GB/T 2260).
const MAINLAND: &[u8] = &[
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52,
    53, 54, 61, 62, 63, 64, 65,
];

/// Weights of GB 11643: 2 to the power of 17 − position, modulo 11.
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// Check characters of ISO 7064 MOD 11-2 by remainder.
const CHECK: &[u8; 11] = b"10X98765432";

/// The first year of birth that is believed: that of the standard's own example, 440524188001010014.
const FIRST_YEAR: i32 = 1880;

fn citizen_number(number: &[u8], today: NaiveDate, provinces: &[u8]) -> Result<(), DocumentError> {
    let number: &[u8; 18] = number.try_into().map_err(|_| DocumentError::Form)?;
    let [digits @ .., check] = number;
    if !digits.iter().all(u8::is_ascii_digit) || !matches!(check, b'0'..=b'9' | b'X') {
        return Err(DocumentError::Form);
    }
    let [p1, p2, ..] = digits;
    if !provinces.contains(&((p1 - b'0') * 10 + (p2 - b'0'))) {
        return Err(DocumentError::Province);
    }
    let born = birth_date(number);
    if !born.is_some_and(|born| born.year() >= FIRST_YEAR && born <= today) {
        return Err(DocumentError::BirthDate);
    }
    check_character(number)
}

/// The seventh to the fourteenth character as a date.
fn birth_date(number: &[u8]) -> Option<NaiveDate> {
    let digits = number.get(6..14)?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    NaiveDate::parse_from_str(str::from_utf8(digits).ok()?, "%Y%m%d").ok()
}

fn check_character(number: &[u8; 18]) -> Result<(), DocumentError> {
    let [digits @ .., check] = number;
    let sum: u32 = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(d, w)| u32::from(*d - b'0') * w)
        .sum();
    let expected = usize::try_from(sum % 11).ok().and_then(|at| CHECK.get(at));
    if expected == Some(check) {
        Ok(())
    } else {
        Err(DocumentError::CheckCharacter)
    }
}

fn permanent_card(number: &[u8]) -> Result<(), DocumentError> {
    if let Ok(new) = <&[u8; 18]>::try_from(number) {
        let [b'9', middle @ .., check] = new else {
            return Err(DocumentError::Form);
        };
        if !middle.iter().all(u8::is_ascii_digit) || !matches!(check, b'0'..=b'9' | b'X') {
            return Err(DocumentError::Form);
        }
        return check_character(new);
    }
    match number {
        [a, b, c, digits @ ..]
            if [a, b, c].iter().all(|l| l.is_ascii_uppercase())
                && digits.len() == 12
                && digits.iter().all(u8::is_ascii_digit) =>
        {
            Ok(())
        }
        _ => Err(DocumentError::Form),
    }
}

fn prefixed_digits(
    number: &[u8],
    first: impl Fn(u8) -> bool,
    digits: usize,
) -> Result<(), DocumentError> {
    match number {
        [letter, rest @ ..] if first(*letter) => all_digits(rest, digits),
        _ => Err(DocumentError::Form),
    }
}

fn all_digits(number: &[u8], count: usize) -> Result<(), DocumentError> {
    if number.len() == count && number.iter().all(u8::is_ascii_digit) {
        Ok(())
    } else {
        Err(DocumentError::Form)
    }
}

/// `E` or `G` and eight digits, or `E`, a letter other than I and O, and seven digits.
fn passport(number: &[u8]) -> Result<(), DocumentError> {
    match number {
        [b'E', letter, rest @ ..]
            if letter.is_ascii_uppercase() && !matches!(letter, b'I' | b'O') =>
        {
            all_digits(rest, 7)
        }
        [b'E' | b'G', rest @ ..] => all_digits(rest, 8),
        _ => Err(DocumentError::Form),
    }
}

#[cfg(test)]
mod tests {
    use DocumentKind::{
        ForeignerPermanentCard, HongKongMacaoPermit, Passport, ResidencePermit, ResidentCard,
        TaiwanPermit,
    };
    use proptest::prelude::*;
    use sea_orm::Iterable;

    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2022, 4, 16).unwrap()
    }

    fn parse(kind: DocumentKind, text: &str) -> Result<(), DocumentError> {
        Document::parse(kind, text, today()).map(drop)
    }

    #[test]
    fn real_numbers_are_accepted() {
        for number in [
            "11010519491231002X",
            "11010519491231002x",
            "440524188001010014",
            "310101199003070019",
            "３１０１０１１９９００３０７００１９",
            "310101202002290022",
        ] {
            assert_eq!(parse(ResidentCard, number), Ok(()), "{number}");
        }
        for (kind, number) in [
            (ResidencePermit, "810000199003070015"),
            (ResidencePermit, "820000198511110025"),
            (ResidencePermit, "830000197812250037"),
            (ForeignerPermanentCard, "910156199003070016"),
            (ForeignerPermanentCard, "USA110000000001"),
            (HongKongMacaoPermit, "H12345678"),
            (TaiwanPermit, "12345678"),
            (Passport, "E12345678"),
            (Passport, "EA1234567"),
            (Passport, "g12345678"),
        ] {
            assert_eq!(parse(kind, number), Ok(()), "{number}");
        }
    }

    #[test]
    fn each_fault_of_a_citizen_number_is_named() {
        for (number, fault) in [
            ("11010519491231002", DocumentError::Form),
            ("1101051949123100211", DocumentError::Form),
            ("1101051949123100X1", DocumentError::Form),
            ("上海上海上海", DocumentError::Form),
            ("", DocumentError::Form),
            ("999999199003070012", DocumentError::Province),
            ("31010119900229001X", DocumentError::BirthDate),
            ("310101209912310012", DocumentError::BirthDate),
            ("440524187901010010", DocumentError::BirthDate),
            ("110105194912310021", DocumentError::CheckCharacter),
            ("810000199003070015", DocumentError::Province),
        ] {
            assert_eq!(parse(ResidentCard, number), Err(fault), "{number}");
        }
    }

    #[test]
    fn a_number_of_one_kind_is_not_one_of_another() {
        for (kind, number) in [
            (ResidencePermit, "310101199003070019"),
            (HongKongMacaoPermit, "X12345678"),
            (TaiwanPermit, "1234567"),
            (Passport, "EI1234567"),
            (Passport, "P12345678"),
            (ForeignerPermanentCard, "310101199003070019"),
        ] {
            assert!(parse(kind, number).is_err(), "{number}");
        }
    }

    #[test]
    fn a_number_does_not_show_in_debug_output() {
        let document = Document::parse(ResidentCard, "310101199003070019", today()).unwrap();
        assert_eq!(format!("{document:?}"), "Document(resident_card, ***)");
        assert_eq!(document.masked(), "310101********0019");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>()) {
            for kind in DocumentKind::iter() {
                let _ = Document::parse(kind, &text, today());
            }
        }

        #[test]
        fn one_wrong_digit_is_always_noticed(at in 0_usize..17, by in 1_u8..10) {
            let mut number = *b"310101199003070019";
            number[at] = b'0' + (number[at] - b'0' + by) % 10;
            let text = String::from_utf8(number.to_vec()).unwrap();
            prop_assert!(parse(ResidentCard, &text).is_err());
        }
    }
}
