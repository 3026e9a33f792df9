//! What is recorded about a person, as far as a colour depends on it.

use chrono::{DateTime, NaiveDate, Utc};
use entity::values::{
    Colour, DeclarationId, Division, HoldId, OverrideEffect, OverrideGround, ReasonCode, RiskLevel,
    TestResult, Window,
};
use serde::{Deserialize, Serialize};

/// Everything recorded about a person that a colour depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The registry vouched for name and document.
    pub verified: bool,
    /// The newest declaration.
    pub declaration: Option<DeclarationId>,
    /// Where the person lives by it.
    pub division: Option<Division>,
    /// The province that decides.
    pub province: Division,
    /// Whether the data comparison has run on any declaration.
    pub compared: bool,
    /// When the region where the person lives shows colours.
    pub opened: Window,
    /// Local days on which the person declared or checked in, as far back as may still matter.
    pub days_reported: Vec<NaiveDate>,
    /// What was found of the person, in any order. Of their own records only the newest.
    pub findings: Vec<Finding>,
    /// When the person recovered.
    pub recoveries: Vec<Noted>,
    /// When a suspicion was excluded.
    pub exclusions: Vec<Noted>,
    /// Causes that hold or held.
    pub holds: Vec<Held>,
}

impl Facts {
    /// When the newest declaration or check-in was made.
    #[must_use]
    pub fn record_at(&self) -> Option<DateTime<Utc>> {
        let made = |found: &Finding| match found.what {
            What::Record { at, .. } => Some(at),
            _ => None,
        };
        self.findings.iter().filter_map(made).max()
    }
}

/// Something that was found of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub what: What,
    /// Where that is recorded: a table's name and a row's id.
    pub evidence: String,
    /// The region whose data it is. None for the deciding province itself.
    pub origin: Option<Division>,
    /// Since when it is known here. It has no effect before.
    pub recorded_at: DateTime<Utc>,
    /// When it was taken back, or ends by itself, if it was or does.
    pub withdrawn_at: Option<DateTime<Utc>>,
}

impl Finding {
    /// Whether it is known at `now`. Nothing has an effect before it was recorded.
    #[must_use]
    pub fn is_known(&self, now: DateTime<Utc>) -> bool {
        self.recorded_at <= now
    }

    /// Whether it was taken back by `now`.
    #[must_use]
    pub fn is_withdrawn(&self, now: DateTime<Utc>) -> bool {
        self.withdrawn_at.is_some_and(|at| at <= now)
    }

    /// Whether it counts at `now`.
    #[must_use]
    pub fn stands(&self, now: DateTime<Utc>) -> bool {
        self.is_known(now) && !self.is_withdrawn(now)
    }
}

/// When something happened, and since when that is known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noted {
    /// When it happened.
    pub at: DateTime<Utc>,
    /// Since when it is known.
    pub recorded_at: DateTime<Utc>,
}

/// What may be found of a person. Kept with a hold, so that it can say for ever what it was found in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum What {
    /// A declaration or check-in.
    Record {
        /// When it was made.
        at: DateTime<Utc>,
        /// It says fever or a symptom.
        unwell: bool,
    },
    /// An arrival from outside the province.
    Arrival {
        /// When the local day of arrival began.
        arrived_at: DateTime<Utc>,
        /// From abroad.
        abroad: bool,
        /// The person declared it.
        declared: bool,
    },
    /// The last report of a sample.
    Test(Tested),
    /// Close contact with a case.
    Contact {
        /// The last exposure.
        exposed_at: DateTime<Utc>,
    },
    /// Close contact with a close contact.
    SecondaryContact {
        /// The last exposure.
        exposed_at: DateTime<Utc>,
    },
    /// The same place at the same time as a case.
    Companion {
        /// The last exposure.
        exposed_at: DateTime<Utc>,
    },
    /// A case.
    Case {
        /// When it was found.
        at: DateTime<Utc>,
        /// How sure it is.
        kind: CaseKind,
    },
    /// A declared stay in a place while it had a level of risk.
    RiskStay {
        /// How dangerous the place was.
        level: RiskLevel,
        /// When the stay within the place's time with the level began.
        from: DateTime<Utc>,
        /// When it ended: the person left, or the level did. None while neither is known.
        until: Option<DateTime<Utc>>,
        /// When the level ends, where that is known.
        lifted_at: Option<DateTime<Utc>>,
    },
    /// Isolation.
    Isolation {
        /// When it began, where that is known.
        from: Option<DateTime<Utc>>,
        /// When it ended. None while it goes on.
        until: Option<DateTime<Utc>>,
        /// Where.
        place: Option<String>,
    },
    /// A colour that the national platform or another region asks for.
    Push {
        /// When.
        at: DateTime<Utc>,
        /// What is asked for.
        colour: Colour,
        /// Who asks, and alone may take it back.
        origin: Division,
    },
    /// A decision that one person requested and two approved.
    Override {
        /// When it was decided.
        at: DateTime<Utc>,
        /// What.
        effect: OverrideEffect,
        /// Why.
        ground: OverrideGround,
        /// Until when a colour is worse. None of a release.
        until: Option<DateTime<Utc>>,
        /// The cause that ends. Of a release alone.
        cause: Option<ReasonCode>,
        /// Which region decided.
        origin: Division,
    },
}

/// What the last report of a sample says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tested {
    /// When the sample was taken.
    pub sampled_at: DateTime<Utc>,
    /// When the laboratory reported it.
    pub reported_at: DateTime<Utc>,
    /// What was found.
    pub result: TestResult,
    /// The tube holds this person's sample alone.
    pub single: bool,
}

/// How sure it is that somebody is a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseKind {
    /// Clinical suspicion or unexplained fever.
    Suspected,
    /// Confirmed.
    Confirmed,
    /// Infected without symptoms.
    Asymptomatic,
}

impl What {
    /// When it happened.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        match *self {
            Self::Record { at, .. }
            | Self::Case { at, .. }
            | Self::Push { at, .. }
            | Self::Override { at, .. } => at,
            Self::Arrival { arrived_at, .. } => arrived_at,
            Self::Test(Tested { sampled_at, .. }) => sampled_at,
            Self::Contact { exposed_at }
            | Self::SecondaryContact { exposed_at }
            | Self::Companion { exposed_at } => exposed_at,
            Self::RiskStay { from, until, .. } => until.unwrap_or(from),
            Self::Isolation { from, until, .. } => {
                from.or(until).unwrap_or(DateTime::<Utc>::MIN_UTC)
            }
        }
    }
}

/// A cause that holds or held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Which.
    pub id: HoldId,
    /// The hold itself, or the one that follows it.
    pub phase: Phase,
    /// The cause.
    pub reason: ReasonCode,
    /// The rule that found it.
    pub rule: String,
    /// That rule's version.
    pub rule_version: String,
    /// What it was found in.
    pub evidence: String,
    /// The same as it was then. None for a hold of a time before this was kept.
    pub found: Option<What>,
    /// The region whose data it comes from.
    pub source_region: String,
    /// Since when.
    pub starts_at: DateTime<Utc>,
    /// The earliest release as far as was known at the start, where the rule sets a length.
    pub until: Option<DateTime<Utc>>,
    /// When it was released, and by what, if it was.
    pub released: Option<Released>,
}

/// That a hold was released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    /// When.
    pub at: DateTime<Utc>,
    /// By what: its own evidence where that was taken back or corrected.
    pub by: String,
}

/// Where a hold stands in what a rule sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// The hold itself.
    First,
    /// What follows when it is released.
    FollowUp,
}

impl Phase {
    /// As it is stored.
    #[must_use]
    pub fn number(self) -> i16 {
        match self {
            Self::First => 0,
            Self::FollowUp => 1,
        }
    }

    /// From what is stored.
    #[must_use]
    pub fn of(number: i16) -> Self {
        if number == 0 {
            Self::First
        } else {
            Self::FollowUp
        }
    }
}

impl Held {
    /// Whether it still holds.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.released.is_none()
    }

    /// As it was at `at`. None if it was opened later.
    #[must_use]
    pub fn as_of(&self, at: DateTime<Utc>) -> Option<Self> {
        let released = self.released.clone();
        (self.starts_at <= at).then(|| Self {
            released: released.filter(|released| released.at <= at),
            ..self.clone()
        })
    }

    /// Whether it ended otherwise than by somebody who took back what it was found in, or its rule:
    /// what it was found in has had its effect.
    #[must_use]
    pub fn ran_its_course(&self) -> bool {
        self.released.as_ref().is_some_and(|released| {
            released.by != self.evidence
                && released.by != rule_ended(&self.rule, &self.rule_version)
        })
    }
}

/// What releases a hold whose conditions are all met: the rule that set them.
#[must_use]
pub fn conditions_met(rule: &str, version: &str) -> String {
    format!("{rule}@{version}")
}

/// What releases the holds of a rule that was retired or rolled back.
#[must_use]
pub fn rule_ended(rule: &str, version: &str) -> String {
    format!("retired:{rule}@{version}")
}
