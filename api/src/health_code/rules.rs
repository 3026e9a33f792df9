//! The colour of a code, decided from facts.
//!
//! Two pure functions. [`compare`] says which holds the facts open and release; [`decide`] says what
//! a person shows, and every reason for it.

use chrono::{DateTime, Days, NaiveDate, Utc};
use entity::values::{Colour, DeclarationId, HoldId, ReasonCode, Window};

use crate::platform::clock::{local_date, midnight};

/// The numbers that decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// Local days that a record keeps a code from going stale, its own day included.
    pub record_days: u16,
    /// Days of observation after arrival from outside the province.
    pub observation_days: u16,
}

/// Everything recorded about a person that a colour depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The registry vouched for name and document.
    pub verified: bool,
    /// The newest declaration.
    pub declaration: Option<Declared>,
    /// The newest record of how the person is: declaration or check-in.
    pub record: Option<Record>,
    /// Whether the data comparison has run on any declaration.
    pub compared: bool,
    /// Local days on which the person declared or checked in, for as far back as a hold needs.
    pub days_reported: Vec<NaiveDate>,
    /// Causes that hold.
    pub holds: Vec<Held>,
    /// When the region where the person lives shows colours.
    pub opened: Window,
}

/// What a declaration says that matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declared {
    /// Which.
    pub id: DeclarationId,
    /// The day of arrival from outside the province, where there was one.
    pub arrived_on: Option<NaiveDate>,
}

/// How a person was, and where that is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// When.
    pub at: DateTime<Utc>,
    /// Fever or a symptom.
    pub unwell: bool,
    /// The row that says so.
    pub evidence: String,
}

/// A cause that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Which.
    pub id: HoldId,
    /// The cause.
    pub reason: ReasonCode,
    /// The rule that found it.
    pub rule: String,
    /// That rule's version.
    pub rule_version: String,
    /// The region whose data it comes from.
    pub source_region: String,
    /// Since when.
    pub starts_at: DateTime<Utc>,
    /// The earliest release, where the rule sets a length.
    pub earliest_release_at: Option<DateTime<Utc>>,
}

/// A hold to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHold {
    /// The cause.
    pub reason: ReasonCode,
    /// The rule that found it.
    pub rule: &'static str,
    /// The row that it was found in.
    pub evidence: String,
    /// The earliest release, where the rule sets a length.
    pub earliest_release_at: Option<DateTime<Utc>>,
}

/// What the facts ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A cause begins to hold.
    Open(NewHold),
    /// A cause ceases to hold.
    Release {
        /// Which.
        hold: HoldId,
        /// What released it.
        by: String,
    },
}

/// Fever or symptoms in the person's own report.
pub const SELF_REPORT: &str = "self-report.unwell";

/// Observation after arrival from outside the province.
pub const ARRIVAL: &str = "arrival.observation";

/// No record for too long.
pub const STALE: &str = "record.stale";

/// Nothing to decide from yet.
pub const UNDECIDED: &str = "code.undecided";

/// The region where the person lives does not show colours.
pub const NOT_OPEN: &str = "region.not-open";

/// Which holds `facts` open and release at `now`.
///
/// Where the region is not open nothing is found against anybody; what was found before ends as it
/// does elsewhere. Applying the changes and comparing again asks for nothing more.
#[must_use]
pub fn compare(facts: &Facts, numbers: Numbers, now: DateTime<Utc>) -> Vec<Change> {
    let mut changes = self_report(facts);
    changes.extend(arrival(facts, numbers, now));
    changes.extend(observed(facts, numbers, now));
    if !facts.opened.is_open(now) {
        changes.retain(|change| matches!(change, Change::Release { .. }));
    }
    changes
}

/// Y01: unwell by the newest record; released by a newer one that is well.
fn self_report(facts: &Facts) -> Vec<Change> {
    let Some(record) = &facts.record else {
        return Vec::new();
    };
    let mut held = facts.holds.iter().filter(|hold| hold.rule == SELF_REPORT);
    match (record.unwell, held.next()) {
        (true, None) => vec![Change::Open(NewHold {
            reason: ReasonCode::Y01,
            rule: SELF_REPORT,
            evidence: record.evidence.clone(),
            earliest_release_at: None,
        })],
        (false, Some(first)) => std::iter::once(first)
            .chain(held)
            .map(|hold| Change::Release {
                hold: hold.id,
                by: record.evidence.clone(),
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Y04: arrived within the days of observation. A later arrival is observed for its own length.
fn arrival(facts: &Facts, numbers: Numbers, now: DateTime<Utc>) -> Option<Change> {
    let declared = facts.declaration?;
    let ends = declared
        .arrived_on?
        .checked_add_days(Days::new(numbers.observation_days.into()))?;
    let ends_at = midnight(ends);
    let observed = facts
        .holds
        .iter()
        .any(|hold| hold.rule == ARRIVAL && hold.earliest_release_at >= Some(ends_at));
    (now < ends_at && !observed).then(|| {
        Change::Open(NewHold {
            reason: ReasonCode::Y04,
            rule: ARRIVAL,
            evidence: format!("declaration/{}", declared.id),
            earliest_release_at: Some(ends_at),
        })
    })
}

/// Y04 ends when its days are over and as many daily reports were made since the arrival (H7).
fn observed(facts: &Facts, numbers: Numbers, now: DateTime<Utc>) -> Vec<Change> {
    let length = Days::new(numbers.observation_days.into());
    facts
        .holds
        .iter()
        .filter(|hold| hold.rule == ARRIVAL)
        .filter(|hold| {
            hold.earliest_release_at.is_some_and(|ends_at| {
                let arrived = local_date(ends_at)
                    .checked_sub_days(length)
                    .unwrap_or(NaiveDate::MIN);
                let reports = facts
                    .days_reported
                    .iter()
                    .filter(|day| **day >= arrived)
                    .count();
                now >= ends_at && reports >= usize::from(numbers.observation_days)
            })
        })
        .map(|hold| Change::Release {
            hold: hold.id,
            by: ARRIVAL.into(),
        })
        .collect()
}

/// The first local day whose reports may count for a hold that began at `starts_at`: an arrival that
/// was declared later than its days of observation opens none.
#[must_use]
pub fn watched_from(starts_at: DateTime<Utc>, numbers: Numbers) -> NaiveDate {
    local_date(starts_at)
        .checked_sub_days(Days::new(numbers.observation_days.into()))
        .unwrap_or(NaiveDate::MIN)
}

/// Why a code shows what it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The cause.
    pub code: ReasonCode,
    /// The rule that found it.
    pub rule: String,
    /// The version of rule and policy. None where the running policy applies.
    pub rule_version: Option<String>,
    /// The region whose data it comes from. None for the deciding province itself.
    pub source_region: Option<String>,
    /// Since when.
    pub since: Option<DateTime<Utc>>,
    /// The earliest end, where the rule sets a length.
    pub until: Option<DateTime<Utc>>,
}

/// What a person shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The worst of the reasons; green without any.
    pub colour: Colour,
    /// Every reason, worst first.
    pub reasons: Vec<Reason>,
    /// When time alone changes the verdict.
    pub next_change_at: Option<DateTime<Utc>>,
}

/// Decide what a person shows at `now`, and every reason for it.
///
/// The worst reason sets the colour; no reason means green. Where the region is not open nobody is
/// green, and what held before still shows. Adding a hold never makes the colour
/// better, releasing one never makes it worse.
#[must_use]
pub fn decide(facts: &Facts, numbers: Numbers, now: DateTime<Utc>) -> Verdict {
    let stale_at = facts
        .record
        .as_ref()
        .and_then(|record| stale_at(record.at, numbers));
    let mut reasons: Vec<Reason> = facts.holds.iter().map(Reason::of).collect();
    let open = facts.opened.is_open(now);
    if !open {
        reasons.push(Reason {
            until: facts.opened.from.filter(|from| *from > now),
            ..Reason::by_rule(ReasonCode::G00, NOT_OPEN, None)
        });
    }
    if !facts.verified || open && !facts.compared {
        reasons.push(Reason::by_rule(ReasonCode::G00, UNDECIDED, None));
    } else if open && stale_at.is_some_and(|at| at <= now) {
        reasons.push(Reason::by_rule(ReasonCode::Y06, STALE, stale_at));
    }
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.code.colour()));

    let releases = facts
        .holds
        .iter()
        .filter_map(|hold| hold.earliest_release_at);
    let openings = [facts.opened.from, facts.opened.until]
        .into_iter()
        .flatten();
    Verdict {
        colour: reasons
            .first()
            .map_or(Colour::Green, |worst| worst.code.colour()),
        next_change_at: releases
            .chain(stale_at)
            .chain(openings)
            .filter(|at| *at > now)
            .min(),
        reasons,
    }
}

/// When a record of `at` is too old: at the beginning of the day after its last.
fn stale_at(at: DateTime<Utc>, numbers: Numbers) -> Option<DateTime<Utc>> {
    local_date(at)
        .checked_add_days(Days::new(numbers.record_days.into()))
        .map(midnight)
}

impl Reason {
    fn of(hold: &Held) -> Self {
        Self {
            code: hold.reason,
            rule: hold.rule.clone(),
            rule_version: Some(hold.rule_version.clone()),
            source_region: Some(hold.source_region.clone()),
            since: Some(hold.starts_at),
            until: hold.earliest_release_at,
        }
    }

    fn by_rule(code: ReasonCode, rule: &str, since: Option<DateTime<Utc>>) -> Self {
        Self {
            code,
            rule: rule.into(),
            rule_version: None,
            source_region: None,
            since,
            until: None,
        }
    }
}

#[cfg(test)]
mod tests;
