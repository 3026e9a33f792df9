//! What is kept at all: every table of the service, for what, by what right, and for how long (P1).
//!
//! A table without an entry does not pass the tests, so nothing is kept that nobody can read about.

mod citizens;
mod others;
mod words;

use serde::Serialize;
use utoipa::ToSchema;

use crate::http::problem::Text;

/// By what right personal data is handled (PIPL, article 13(1)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DataMapBasis)]
pub enum Basis {
    /// To respond to a public-health emergency: number 4.
    PublicHealthEmergency,
    /// To fulfil duties that the law sets: number 3.
    StatutoryDuty,
    /// Because the person agreed: number 1.
    Consent,
    /// To manage those who work for the authority: number 2.
    Employment,
}

impl Basis {
    /// The same in words.
    #[must_use]
    pub const fn words(self) -> Text {
        match self {
            Self::PublicHealthEmergency => Text::new(
                "为应对突发公共卫生事件所必需（《个人信息保护法》第十三条第一款第四项）",
                "Needed to respond to a public-health emergency (PIPL article 13(1)(4))",
            ),
            Self::StatutoryDuty => Text::new(
                "为履行法定职责或者法定义务所必需（《个人信息保护法》第十三条第一款第三项）",
                "Needed to fulfil statutory duties (PIPL article 13(1)(3))",
            ),
            Self::Consent => Text::new(
                "取得个人的同意（《个人信息保护法》第十三条第一款第一项）",
                "The person agreed (PIPL article 13(1)(1))",
            ),
            Self::Employment => Text::new(
                "为实施人力资源管理所必需（《个人信息保护法》第十三条第一款第二项）",
                "Needed to manage those who work here (PIPL article 13(1)(2))",
            ),
        }
    }
}

/// About whom a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    Nobody,
    Staff,
    Citizens {
        basis: Basis,
        /// Why a copy of one's own data does not have it, where it does not.
        not_copied: Option<Text>,
        /// What stays of it when an account is deleted, and why, where something does.
        stays: Option<Text>,
    },
}

/// What is said of one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub table: &'static str,
    /// What it is for.
    pub purpose: Text,
    /// For how long its rows are kept, unless the deployment sets other times.
    pub kept: Text,
    about: About,
}

impl Entry {
    /// What says nothing about anybody.
    const fn nobodys(table: &'static str, purpose: Text, kept: Text) -> Self {
        Self {
            table,
            purpose,
            kept,
            about: About::Nobody,
        }
    }

    /// What is about members of staff.
    const fn of_staff(table: &'static str, purpose: Text, kept: Text) -> Self {
        Self {
            table,
            purpose,
            kept,
            about: About::Staff,
        }
    }

    /// What is about citizens: copied for them, and gone with their account.
    const fn of_citizens(table: &'static str, basis: Basis, purpose: Text, kept: Text) -> Self {
        Self {
            table,
            purpose,
            kept,
            about: About::Citizens {
                basis,
                not_copied: None,
                stays: None,
            },
        }
    }

    const fn not_in_copies(self, why: Text) -> Self {
        let about = match self.about {
            About::Citizens { basis, stays, .. } => About::Citizens {
                basis,
                not_copied: Some(why),
                stays,
            },
            about => about,
        };
        Self { about, ..self }
    }

    const fn staying(self, why: Text) -> Self {
        let about = match self.about {
            About::Citizens {
                basis, not_copied, ..
            } => About::Citizens {
                basis,
                not_copied,
                stays: Some(why),
            },
            about => about,
        };
        Self { about, ..self }
    }

    /// By what right it is kept, where it is about people.
    #[must_use]
    pub const fn basis(&self) -> Option<Basis> {
        match self.about {
            About::Nobody => None,
            About::Staff => Some(Basis::Employment),
            About::Citizens { basis, .. } => Some(basis),
        }
    }

    /// Whether a copy of one's own data has it.
    #[must_use]
    pub const fn is_copied(&self) -> bool {
        matches!(
            self.about,
            About::Citizens {
                not_copied: None,
                ..
            }
        )
    }

    /// Why not, where it is about citizens.
    #[must_use]
    pub const fn not_copied(&self) -> Option<Text> {
        match self.about {
            About::Citizens { not_copied, .. } => not_copied,
            About::Nobody | About::Staff => None,
        }
    }

    /// What stays of it when an account is deleted, and why.
    #[must_use]
    pub const fn stays(&self) -> Option<Text> {
        match self.about {
            About::Citizens { stays, .. } => stays,
            About::Nobody | About::Staff => None,
        }
    }
}

/// Every table, those about citizens first.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    citizens::ENTRIES.iter().chain(others::ENTRIES)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_table_is_entered_twice() {
        let tables: BTreeSet<&str> = entries().map(|entry| entry.table).collect();
        assert_eq!(tables.len(), entries().count());
    }

    #[test]
    fn every_entry_says_something_in_both_languages() {
        for entry in entries() {
            let said = [
                Some(entry.purpose),
                Some(entry.kept),
                entry.not_copied(),
                entry.stays(),
            ];
            for Text { zh, en } in said.into_iter().flatten() {
                assert!(!zh.is_ascii() && en.len() > 3, "{}", entry.table);
            }
        }
    }
}
