//! Mainland mobile numbers.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

/// Digits of a mainland mobile number.
const DIGITS: usize = 11;

/// A mainland China mobile number: eleven digits that begin with 13 to 19, without the country code.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

/// Not a mainland mobile number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a mainland mobile number")]
pub struct PhoneError;

impl Phone {
    /// Read a number as people write it: full-width digits, spaces, hyphens and a leading `+86` or
    /// `0086` are accepted, and mean the same number.
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        if text.len() > 64 {
            return Err(PhoneError);
        }
        let compact: String = text.nfkc().filter(|c| !matches!(c, ' ' | '-')).collect();
        let national = compact
            .strip_prefix("+86")
            .or_else(|| compact.strip_prefix("0086"))
            .unwrap_or(&compact);
        let is_mobile = matches!(
            national.as_bytes(),
            [b'1', b'3'..=b'9', rest @ ..] if rest.len() == DIGITS - 2 && rest.iter().all(u8::is_ascii_digit)
        );
        if is_mobile {
            Ok(Self(national.to_owned()))
        } else {
            Err(PhoneError)
        }
    }

    /// The eleven digits. Not for logs, URLs or errors.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The number as its owner may see it on a screen: `138****8000`.
    #[must_use]
    pub fn masked(&self) -> String {
        self.0
            .chars()
            .enumerate()
            .map(|(at, digit)| if (3..7).contains(&at) { '*' } else { digit })
            .collect()
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_a_number_is_the_same_number() {
        for text in [
            "13800138000",
            "+86 138 0013 8000",
            "0086-13800138000",
            "１３８００１３８０００",
        ] {
            assert_eq!(
                Phone::parse(text).map(|p| p.0),
                Ok("13800138000".into()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_not_a_mainland_mobile_is_refused() {
        for text in [
            "",
            "1380013800",
            "138001380001",
            "12800138000",
            "02112345678",
            "+85261234567",
            "1380013800x",
            "一三八〇〇一三八〇〇〇",
            "+86+8613800138000",
        ] {
            assert_eq!(Phone::parse(text), Err(PhoneError), "{text}");
        }
    }

    #[test]
    fn a_number_does_not_show_in_debug_output() {
        let phone = Phone::parse("13800138000").unwrap();
        assert_eq!(format!("{phone:?}"), "Phone(***)");
        assert_eq!(phone.masked(), "138****8000");
    }
}
