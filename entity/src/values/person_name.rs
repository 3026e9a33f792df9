//! Names of people.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

/// Characters in a name, at the most.
const LONGEST: usize = 50;

/// A person's name as on their document: letters of any script, with `·`, spaces, hyphens and
/// apostrophes between them.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PersonName(String);

/// Not a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a name")]
pub struct PersonNameError;

impl PersonName {
    /// Read a name. Surrounding space is dropped, compatibility forms are folded (NFKC), and the
    /// several dots that people type in names such as 阿依古丽·买买提 become `·`.
    pub fn parse(text: &str) -> Result<Self, PersonNameError> {
        if text.len() > LONGEST * 4 {
            return Err(PersonNameError);
        }
        let name: String = text
            .trim()
            .nfkc()
            .map(|c| {
                if matches!(c, '•' | '‧' | '・' | '．' | '●') {
                    '·'
                } else {
                    c
                }
            })
            .collect();
        let letters = name.chars().filter(|c| c.is_alphabetic()).count();
        let spelled = name
            .chars()
            .all(|c| c.is_alphabetic() || matches!(c, '·' | ' ' | '-' | '\'' | '.' | '’'));
        let starts_well = name.chars().next().is_some_and(char::is_alphabetic);
        if letters >= 1 && spelled && starts_well && name.chars().count() <= LONGEST {
            Ok(Self(name))
        } else {
            Err(PersonNameError)
        }
    }

    /// The name. Not for logs, URLs or errors.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The name as a screen shows it to bystanders: the first character hidden, or in long names
    /// all but the first and last. `张三` is `*三`, `欧阳修文` is `欧**文`.
    #[must_use]
    pub fn masked(&self) -> String {
        let count = self.0.chars().count();
        self.0
            .chars()
            .enumerate()
            .map(|(at, c)| {
                let shown = match count {
                    0 | 1 => false,
                    2 => at == 1,
                    _ => at == 0 || at + 1 == count,
                };
                if shown { c } else { '*' }
            })
            .collect()
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonName(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_peoples_are_names() {
        for text in [
            "张三",
            " 欧阳修文 ",
            "阿依古丽•买买提",
            "Anne-Marie O'Neill",
            "ＬＩ Ｌｅｉ",
        ] {
            assert!(PersonName::parse(text).is_ok(), "{text}");
        }
        assert_eq!(
            PersonName::parse("阿依古丽•买买提").unwrap().reveal(),
            "阿依古丽·买买提"
        );
    }

    #[test]
    fn what_cannot_be_a_name_is_refused() {
        let long = "张".repeat(51);
        for text in [
            "",
            "   ",
            "·",
            "张3",
            "=cmd",
            "<b>张</b>",
            "张\n三",
            long.as_str(),
        ] {
            assert_eq!(PersonName::parse(text), Err(PersonNameError), "{text}");
        }
    }

    #[test]
    fn a_masked_name_hides_most_of_it() {
        let masked = |text| PersonName::parse(text).unwrap().masked();
        assert_eq!(masked("张"), "*");
        assert_eq!(masked("张三"), "*三");
        assert_eq!(masked("张小三"), "张*三");
        assert_eq!(masked("欧阳修文"), "欧**文");
        assert_eq!(
            format!("{:?}", PersonName::parse("张三").unwrap()),
            "PersonName(***)"
        );
    }
}
