//! Telephones of offices.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

/// The telephone of an office, as it is published: a line with its area code and an extension if need
/// be (`0531-86000000-12`), a hotline of five or six digits with an area code or without (`12345`,
/// `0531-12345`), or a number that is free of charge (`400-123-4567`). Never a mobile phone: that
/// would be somebody's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telephone(String);

/// Not the telephone of an office.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TelephoneError {
    /// A mobile phone.
    #[error("a mobile phone is no telephone of an office")]
    Mobile,
    /// Nothing that can be called.
    #[error("not the telephone of an office")]
    Form,
}

/// Characters that people write in a number, at the most.
const LONGEST: usize = 32;

impl Telephone {
    /// Read a telephone as people write it, with full-width digits, spaces, brackets around the area
    /// code and a leading `+86`.
    pub fn parse(text: &str) -> Result<Self, TelephoneError> {
        if text.chars().count() > LONGEST {
            return Err(TelephoneError::Form);
        }
        let plain: String = text
            .nfkc()
            .filter(|c| !c.is_whitespace() && *c != '(')
            .map(|c| {
                if matches!(c, ')' | '转' | '–' | '—') {
                    '-'
                } else {
                    c
                }
            })
            .collect();
        let mut parts: Vec<&str> = plain.split('-').filter(|part| !part.is_empty()).collect();
        let abroad = parts.first().and_then(|first| first.strip_prefix("+86"));
        let from_abroad = abroad.map(|first| match first {
            "" => String::new(),
            area if area.starts_with('1') => area.to_owned(),
            area => format!("0{}", area.trim_start_matches('0')),
        });
        if let (Some(first), Some(slot)) = (&from_abroad, parts.first_mut()) {
            *slot = first;
        }
        parts.retain(|part| !part.is_empty());
        if !parts
            .iter()
            .all(|part| part.bytes().all(|b| b.is_ascii_digit()))
        {
            return Err(TelephoneError::Form);
        }
        if is_mobile(&parts.concat()) {
            return Err(TelephoneError::Mobile);
        }
        read(&parts).map(Self).ok_or(TelephoneError::Form)
    }

    /// As it is published.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Telephone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_mobile(digits: &str) -> bool {
    let digits = digits.strip_prefix('0').unwrap_or(digits);
    digits.len() == 11 && matches!(digits.as_bytes(), [b'1', b'3'..=b'9', ..])
}

fn read(parts: &[&str]) -> Option<String> {
    match parts {
        [one] if is_hotline(one) => Some((*one).to_owned()),
        [one] if is_free(one) => free(one),
        [a, b, c] if is_free(&[*a, *b, *c].concat()) => free(&[*a, *b, *c].concat()),
        [one, rest @ ..] if one.starts_with('0') => line(one, rest),
        _ => None,
    }
}

/// A line or hotline with the area code that `first` is, or begins with.
fn line(first: &str, rest: &[&str]) -> Option<String> {
    let at = area_digits(first)?;
    let (area, number) = first.split_at_checked(at)?;
    let mut after: Vec<&str> = Vec::new();
    if !number.is_empty() {
        after.push(number);
    }
    after.extend(rest);
    match after.as_slice() {
        [number] if is_line(number) || is_hotline(number) => Some(format!("{area}-{number}")),
        [number, extension] if is_line(number) && (1..=6).contains(&extension.len()) => {
            Some(format!("{area}-{number}-{extension}"))
        }
        _ => None,
    }
}

/// Digits of the area code: three in ten large cities, four elsewhere.
fn area_digits(number: &str) -> Option<usize> {
    match number.as_bytes() {
        [b'0', b'1', b'0', ..] | [b'0', b'2', b'0'..=b'9', ..] => Some(3),
        [b'0', b'3'..=b'9', _, _, ..] => Some(4),
        _ => None,
    }
}

fn is_line(number: &str) -> bool {
    (7..=8).contains(&number.len()) && matches!(number.as_bytes(), [b'2'..=b'9', ..])
}

/// Short numbers of public services: 12345 and those like it, and 96xxx of provinces.
fn is_hotline(number: &str) -> bool {
    match number.as_bytes() {
        [b'1', b'2', ..] => number.len() == 5,
        [b'9', b'6', ..] => (5..=6).contains(&number.len()),
        _ => false,
    }
}

fn is_free(number: &str) -> bool {
    number.len() == 10 && (number.starts_with("400") || number.starts_with("800"))
}

fn free(number: &str) -> Option<String> {
    let (service, rest) = number.split_at_checked(3)?;
    let (middle, end) = rest.split_at_checked(3)?;
    Some(format!("{service}-{middle}-{end}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_telephone_is_read_as_people_write_it_and_kept_in_one_form() {
        for (written, kept) in [
            ("0531-86000000", "0531-86000000"),
            ("053186000000", "0531-86000000"),
            ("(0531) 8600 0000", "0531-86000000"),
            ("（０５３１）８６０００000", "0531-86000000"),
            ("+86 531 86000000", "0531-86000000"),
            ("0531-86000000转12", "0531-86000000-12"),
            ("0531-86000000-8012", "0531-86000000-8012"),
            ("021-63000000", "021-63000000"),
            ("02163000000", "021-63000000"),
            ("0634-6210000", "0634-6210000"),
            ("12345", "12345"),
            ("0531-12345", "0531-12345"),
            ("96678", "96678"),
            ("400-123-4567", "400-123-4567"),
            ("4001234567", "400-123-4567"),
        ] {
            assert_eq!(
                Telephone::parse(written).map(|it| it.0),
                Ok(kept.into()),
                "{written}"
            );
        }
    }

    #[test]
    fn a_mobile_phone_is_somebodys_own() {
        for written in [
            "13800138000",
            "138 0013 8000",
            "+8613800138000",
            "013800138000",
        ] {
            assert_eq!(
                Telephone::parse(written),
                Err(TelephoneError::Mobile),
                "{written}"
            );
        }
    }

    #[test]
    fn what_nobody_can_call_is_none() {
        for written in [
            "",
            "-",
            "86000000",
            "0531",
            "0531-",
            "0531-16000000",
            "0531-860000",
            "110",
            "1234",
            "0531-86000000-1234567",
            "0531-86000000-1-2",
            "call us",
            "0531-8600000a",
            "=1+1",
        ] {
            assert_eq!(
                Telephone::parse(written),
                Err(TelephoneError::Form),
                "{written}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_kept_is_read_as_itself(written in "[0-9+() 转-]{0,34}") {
            if let Ok(kept) = Telephone::parse(&written) {
                prop_assert!(kept.as_str().len() <= LONGEST);
                prop_assert_eq!(Telephone::parse(kept.as_str()), Ok(kept));
            }
        }
    }
}
