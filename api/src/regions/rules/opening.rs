//! When a region is open, and what it offers then.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::values::{Division, Window};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Characters of a notice, at the most.
const LONGEST_NOTICE: usize = 500;

/// Characters of a contact, at the most.
const LONGEST_CONTACT: usize = 100;

/// What a region may offer. Declarations and check-ins are taken and kept everywhere, always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RegionService)]
pub enum Service {
    /// The colour of a health code.
    HealthCode,
}

/// What people are told, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RegionNotice)]
pub struct Notice {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// What a region offers once it is open, and what people are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccessPlan {
    /// What is offered.
    pub services: BTreeSet<Service>,
    /// What people are told.
    pub notice: Option<Notice>,
    /// Whom to call or write to.
    pub contact: Option<String>,
}

impl Default for AccessPlan {
    /// Everything, without a word.
    fn default() -> Self {
        Self {
            services: BTreeSet::from([Service::HealthCode]),
            notice: None,
            contact: None,
        }
    }
}

/// A plan that cannot be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A notice is empty, or longer than a screen.
    #[error("a notice has 1 to {LONGEST_NOTICE} characters in each language")]
    Notice,
    /// A contact is empty or too long.
    #[error("a contact has 1 to {LONGEST_CONTACT} characters")]
    Contact,
}

impl AccessPlan {
    /// Whether people can be shown this plan.
    pub fn check(&self) -> Result<(), PlanError> {
        let fits = |text: &str, longest| (1..=longest).contains(&text.trim().chars().count());
        if let Some(Notice { zh, en }) = &self.notice
            && !(fits(zh, LONGEST_NOTICE) && fits(en, LONGEST_NOTICE))
        {
            return Err(PlanError::Notice);
        }
        if let Some(contact) = &self.contact
            && !fits(contact, LONGEST_CONTACT)
        {
            return Err(PlanError::Contact);
        }
        Ok(())
    }
}

/// When a region opens, and what it offers then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The region: it and everything within it.
    pub division: Division,
    /// When it opens.
    pub opens_at: DateTime<Utc>,
    /// When it closes again.
    pub closes_at: Option<DateTime<Utc>>,
    /// What it offers.
    pub plan: AccessPlan,
}

impl Opening {
    /// When `service` is offered.
    #[must_use]
    pub fn window(&self, service: Service) -> Window {
        if self.plan.services.contains(&service) {
            Window {
                from: Some(self.opens_at),
                until: self.closes_at,
            }
        } else {
            Window::NEVER
        }
    }

    /// The next time after `after` at which what is offered changes.
    #[must_use]
    pub fn next_change(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let changes = [Some(self.opens_at), self.closes_at];
        changes.into_iter().flatten().filter(|at| *at > after).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn opening(plan: AccessPlan) -> Opening {
        Opening {
            division: Division::try_from("310101".to_owned()).unwrap(),
            opens_at: at("2026-03-05T00:00:00Z"),
            closes_at: Some(at("2026-04-05T00:00:00Z")),
            plan,
        }
    }

    #[test]
    fn a_region_is_open_from_its_opening_to_just_before_its_closing() {
        let window = opening(AccessPlan::default()).window(Service::HealthCode);
        for (now, open) in [
            ("2026-03-04T23:59:59.999Z", false),
            ("2026-03-05T00:00:00Z", true),
            ("2026-04-04T23:59:59.999Z", true),
            ("2026-04-05T00:00:00Z", false),
        ] {
            assert_eq!(window.is_open(at(now)), open, "{now}");
        }
        assert!(Window::ALWAYS.is_open(DateTime::<Utc>::MIN_UTC));
        assert!(!Window::NEVER.is_open(DateTime::<Utc>::MAX_UTC));
    }

    #[test]
    fn what_the_plan_leaves_out_is_never_offered() {
        let nothing = AccessPlan {
            services: BTreeSet::new(),
            ..AccessPlan::default()
        };
        assert_eq!(opening(nothing).window(Service::HealthCode), Window::NEVER);
    }

    #[test]
    fn what_is_offered_changes_twice() {
        let opening = opening(AccessPlan::default());
        let next = |after| opening.next_change(at(after));
        assert_eq!(next("2026-03-01T00:00:00Z"), Some(opening.opens_at));
        assert_eq!(next("2026-03-05T00:00:00Z"), opening.closes_at);
        assert_eq!(next("2026-04-05T00:00:00Z"), None);
    }

    #[test]
    fn a_plan_says_something_in_both_languages_or_nothing() {
        let with = |zh: &str, en: &str| AccessPlan {
            notice: Some(Notice {
                zh: zh.into(),
                en: en.into(),
            }),
            ..AccessPlan::default()
        };
        assert_eq!(with("三月五日开通", "Opens on 5 March").check(), Ok(()));
        for bad in [with("", "x"), with("三", " "), with("三", &"x".repeat(501))] {
            assert_eq!(bad.check(), Err(PlanError::Notice));
        }
        let contact = AccessPlan {
            contact: Some(String::new()),
            ..AccessPlan::default()
        };
        assert_eq!(contact.check(), Err(PlanError::Contact));
    }
}
