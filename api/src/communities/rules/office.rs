//! What is published of offices.

use super::telephone::{Telephone, TelephoneError};

/// Characters of a community's name.
const NAME: usize = 60;
/// Characters of an address, and of hours in words.
const WORDS: usize = 200;

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing, or more than there is room for.
    Length,
    /// Characters that nobody sees.
    Invisible,
    /// Not the telephone of an office.
    Telephone,
    /// A mobile phone.
    Mobile,
}

/// One field that is wrong, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flaw {
    /// Which.
    pub field: &'static str,
    /// How.
    pub fault: Fault,
}

/// What is published of a community.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Office {
    /// Its name.
    pub name: String,
    /// Where passes are handled.
    pub address: String,
    /// The telephone of the office.
    pub telephone: Telephone,
    /// When somebody is there, in words.
    pub hours: String,
}

impl Office {
    /// What was written, if all of it can be published; otherwise everything that is wrong.
    pub fn check(
        name: &str,
        address: &str,
        telephone: &str,
        hours: &str,
    ) -> Result<Self, Vec<Flaw>> {
        let mut flaws = Vec::new();
        let name = kept(words("name", name, NAME), &mut flaws);
        let address = kept(words("address", address, WORDS), &mut flaws);
        let telephone = kept(number(telephone), &mut flaws);
        let hours = kept(words("hours", hours, WORDS), &mut flaws);
        match (name, address, telephone, hours) {
            (Some(name), Some(address), Some(telephone), Some(hours)) => Ok(Self {
                name,
                address,
                telephone,
                hours,
            }),
            _ => Err(flaws),
        }
    }
}

/// Where people complain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The telephone.
    pub telephone: Telephone,
    /// When somebody answers, in words.
    pub hours: String,
}

impl Line {
    /// What was written, if all of it can be published; otherwise everything that is wrong.
    pub fn check(telephone: &str, hours: &str) -> Result<Self, Vec<Flaw>> {
        let mut flaws = Vec::new();
        let telephone = kept(number(telephone), &mut flaws);
        let hours = kept(words("hours", hours, WORDS), &mut flaws);
        match (telephone, hours) {
            (Some(telephone), Some(hours)) => Ok(Self { telephone, hours }),
            _ => Err(flaws),
        }
    }
}

fn kept<T>(read: Result<T, Flaw>, flaws: &mut Vec<Flaw>) -> Option<T> {
    read.map_err(|flaw| flaws.push(flaw)).ok()
}

fn words(field: &'static str, text: &str, most: usize) -> Result<String, Flaw> {
    let text = text.trim();
    let flaw = |fault| Flaw { field, fault };
    if text.is_empty() || text.chars().count() > most {
        return Err(flaw(Fault::Length));
    }
    if text.chars().any(char::is_control) {
        return Err(flaw(Fault::Invisible));
    }
    Ok(text.to_owned())
}

fn number(text: &str) -> Result<Telephone, Flaw> {
    Telephone::parse(text).map_err(|error| Flaw {
        field: "telephone",
        fault: match error {
            TelephoneError::Mobile => Fault::Mobile,
            TelephoneError::Form => Fault::Telephone,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_wrong_is_named_at_once() {
        let flaws = Office::check(" ", "某路\n1号", "13800138000", &"长".repeat(201)).unwrap_err();
        let named: Vec<_> = flaws.iter().map(|flaw| (flaw.field, flaw.fault)).collect();
        let expected = [
            ("name", Fault::Length),
            ("address", Fault::Invisible),
            ("telephone", Fault::Mobile),
            ("hours", Fault::Length),
        ];
        assert_eq!(named, expected);
        let flaws = Line::check("86", "").unwrap_err();
        assert_eq!(flaws.len(), 2);
    }

    #[test]
    fn what_surrounds_the_words_is_not_kept() {
        let office = Office::check(" 某社区 ", "某路1号", "0531-86000000", "工作日").unwrap();
        assert_eq!(office.name, "某社区");
    }
}
