//! The people whose phones the mock holds.

use std::collections::HashMap;

use crate::crypto::{letter, sha256};

/// A person with a phone, known to callers by a key such as `zhang`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) key: String,
    pub(crate) number: PhoneNumber,
}

/// A phone number in its two parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct PhoneNumber {
    pub(crate) country: String,
    pub(crate) national: String,
}

impl PhoneNumber {
    /// Read `13800138000`, `+8613800138000` or, for other countries, `+852 91234567`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (country, national) = match text.strip_prefix('+') {
            None => ("86", text),
            Some(rest) => match rest.split_once([' ', '-']) {
                Some(parts) => parts,
                None => ("86", rest.strip_prefix("86")?),
            },
        };
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let fits = country.len() <= 3 && (4..=14).contains(&national.len());
        (digits(country) && digits(national) && fits).then(|| Self {
            country: country.to_owned(),
            national: national.to_owned(),
        })
    }

    /// `+` and all digits.
    pub(crate) fn e164(&self) -> String {
        format!("+{}{}", self.country, self.national)
    }

    /// The national digits, with the country code in front for a foreign number.
    pub(crate) fn with_foreign_prefix(&self) -> String {
        if self.country == "86" {
            self.national.clone()
        } else {
            format!("{}{}", self.country, self.national)
        }
    }
}

/// Everyone met so far.
#[derive(Default)]
pub(crate) struct People {
    by_key: HashMap<String, Person>,
}

impl People {
    /// The person `key`, made on first use with a number that follows from the key.
    pub(crate) fn person(&mut self, key: &str) -> Person {
        self.by_key
            .entry(key.to_owned())
            .or_insert_with(|| Person {
                key: key.to_owned(),
                number: derived_number(key),
            })
            .clone()
    }

    /// Give the person `key` this number.
    pub(crate) fn set_number(&mut self, key: &str, number: PhoneNumber) {
        let person = Person {
            key: key.to_owned(),
            number,
        };
        self.by_key.insert(key.to_owned(), person);
    }
}

fn derived_number(key: &str) -> PhoneNumber {
    PhoneNumber {
        country: "86".to_owned(),
        national: format!("199{}", digits(&["phone", key], 8)),
    }
}

/// The person's WeChat id in one app: `o` and 27 characters.
pub(crate) fn openid(app_id: &str, key: &str) -> String {
    format!("o{}", letters(&["openid", app_id, key], 27))
}

/// The person's WeChat id across the apps of one account.
pub(crate) fn union_id(key: &str) -> String {
    format!("o{}", letters(&["unionid", key], 27))
}

/// The person's Alipay id across apps: `2088` and 12 digits.
pub(crate) fn alipay_user_id(key: &str) -> String {
    format!("2088{}", digits(&["alipay", key], 12))
}

/// The person's Alipay id in one app.
pub(crate) fn alipay_open_id(app_id: &str, key: &str) -> String {
    letters(&["open_id", app_id, key], 32)
}

fn letters(parts: &[&str], length: usize) -> String {
    let seed = sha256(parts.join("\n").as_bytes());
    seed.iter().take(length).map(|byte| letter(*byte)).collect()
}

fn digits(parts: &[&str], length: usize) -> String {
    let seed = sha256(parts.join("\n").as_bytes());
    seed.iter()
        .take(length)
        .map(|byte| char::from(b'0' + byte % 10))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_in_each_of_its_forms() {
        let mainland = PhoneNumber::parse("13800138000").unwrap();
        assert_eq!(PhoneNumber::parse("+8613800138000").unwrap(), mainland);
        assert_eq!(mainland.e164(), "+8613800138000");
        assert_eq!(mainland.with_foreign_prefix(), "13800138000");

        let foreign = PhoneNumber::parse("+852 91234567").unwrap();
        assert_eq!(foreign.e164(), "+85291234567");
        assert_eq!(foreign.with_foreign_prefix(), "85291234567");

        for wrong in ["", "12", "+852", "13800l38000", "+1 ", "138 001"] {
            assert!(PhoneNumber::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn ids_differ_between_apps_and_people_and_stay_the_same() {
        assert_eq!(openid("wx1", "zhang").len(), 28);
        assert_eq!(openid("wx1", "zhang"), openid("wx1", "zhang"));
        assert_ne!(openid("wx1", "zhang"), openid("wx2", "zhang"));
        assert_ne!(openid("wx1", "zhang"), openid("wx1", "li"));
        assert_eq!(alipay_user_id("zhang").len(), 16);
        assert_ne!(
            People::default().person("zhang").number,
            People::default().person("li").number
        );
    }
}
