//! The colour of a code, decided from facts.
//!
//! Two pure functions. [`compare`] says which holds the facts open and release; [`decide`] says what
//! a person shows, and every reason for it.

use chrono::{DateTime, Days, NaiveDate, Utc};
use entity::values::{Colour, DeclarationId, HoldId, ReasonCode};

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

/// Which holds `facts` open and release at `now`.
///
/// Applying the changes and comparing again asks for nothing more.
#[must_use]
pub fn compare(facts: &Facts, numbers: Numbers, now: DateTime<Utc>) -> Vec<Change> {
    let mut changes = self_report(facts);
    changes.extend(arrival(facts, numbers, now));
    changes.extend(observed(facts, numbers, now));
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
/// The worst reason sets the colour; no reason means green. Adding a hold never makes the colour
/// better, releasing one never makes it worse.
#[must_use]
pub fn decide(facts: &Facts, numbers: Numbers, now: DateTime<Utc>) -> Verdict {
    let stale_at = facts
        .record
        .as_ref()
        .and_then(|record| stale_at(record.at, numbers));
    let mut reasons: Vec<Reason> = facts.holds.iter().map(Reason::of).collect();
    if !facts.verified || !facts.compared {
        reasons.push(Reason::by_rule(ReasonCode::G00, UNDECIDED, None));
    } else if stale_at.is_some_and(|at| at <= now) {
        reasons.push(Reason::by_rule(ReasonCode::Y06, STALE, stale_at));
    }
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.code.colour()));

    let releases = facts
        .holds
        .iter()
        .filter_map(|hold| hold.earliest_release_at);
    Verdict {
        colour: reasons
            .first()
            .map_or(Colour::Green, |worst| worst.code.colour()),
        next_change_at: releases.chain(stale_at).filter(|at| *at > now).min(),
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
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const NUMBERS: Numbers = Numbers {
        record_days: 14,
        observation_days: 14,
    };

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn noon() -> DateTime<Utc> {
        at("2020-03-10T04:00:00Z")
    }

    fn well(when: DateTime<Utc>) -> Record {
        Record {
            at: when,
            unwell: false,
            evidence: "check_in/1".into(),
        }
    }

    fn healthy() -> Facts {
        Facts {
            verified: true,
            declaration: Some(Declared {
                id: DeclarationId(Uuid::nil()),
                arrived_on: None,
            }),
            record: Some(well(noon())),
            compared: true,
            days_reported: vec![local_date(noon())],
            holds: Vec::new(),
        }
    }

    fn unwell() -> Facts {
        Facts {
            record: Some(Record {
                unwell: true,
                ..well(noon())
            }),
            ..healthy()
        }
    }

    fn arrived(on: &str) -> Facts {
        let declaration = Declared {
            id: DeclarationId(Uuid::nil()),
            arrived_on: Some(on.parse().unwrap()),
        };
        Facts {
            declaration: Some(declaration),
            ..healthy()
        }
    }

    fn apply(mut facts: Facts, now: DateTime<Utc>) -> Facts {
        for change in compare(&facts, NUMBERS, now) {
            match change {
                Change::Open(new) => facts.holds.push(Held {
                    id: HoldId(Uuid::from_u128(facts.holds.len() as u128)),
                    reason: new.reason,
                    rule: new.rule.into(),
                    rule_version: "1.0.0".into(),
                    source_region: "310000".into(),
                    starts_at: now,
                    earliest_release_at: new.earliest_release_at,
                }),
                Change::Release { hold, .. } => facts.holds.retain(|held| held.id != hold),
            }
        }
        facts
    }

    fn colour(facts: &Facts, now: DateTime<Utc>) -> Colour {
        decide(facts, NUMBERS, now).colour
    }

    #[test]
    fn a_verified_person_who_declared_that_they_are_well_is_green() {
        let verdict = decide(&apply(healthy(), noon()), NUMBERS, noon());
        assert_eq!((verdict.colour, verdict.reasons), (Colour::Green, vec![]));
    }

    #[test]
    fn a_code_is_grey_until_the_comparison_has_run_and_without_a_verified_identity() {
        assert_eq!(
            colour(
                &Facts {
                    compared: false,
                    ..healthy()
                },
                noon()
            ),
            Colour::Grey
        );
        assert_eq!(
            colour(
                &Facts {
                    verified: false,
                    ..healthy()
                },
                noon()
            ),
            Colour::Grey
        );
    }

    #[test]
    fn declaring_again_does_not_hide_a_yellow_code_behind_grey() {
        let held = apply(unwell(), noon());
        assert_eq!(
            colour(
                &Facts {
                    compared: false,
                    ..held
                },
                noon()
            ),
            Colour::Yellow
        );
    }

    #[test]
    fn feeling_unwell_is_yellow_until_a_newer_record_is_well() {
        let yellow = apply(unwell(), noon());
        assert_eq!(colour(&yellow, noon()), Colour::Yellow);

        let tomorrow = noon() + TimeDelta::days(1);
        let green = apply(
            Facts {
                record: Some(well(tomorrow)),
                ..yellow
            },
            tomorrow,
        );
        assert_eq!(colour(&green, tomorrow), Colour::Green);
    }

    #[test]
    fn a_record_goes_stale_at_the_beginning_of_its_fifteenth_day() {
        let last_moment = at("2020-03-23T15:59:59.999Z");
        assert_eq!(colour(&healthy(), last_moment), Colour::Green);
        let stale = decide(
            &healthy(),
            NUMBERS,
            last_moment + TimeDelta::milliseconds(1),
        );
        assert_eq!(
            (stale.colour, stale.reasons[0].code),
            (Colour::Yellow, ReasonCode::Y06)
        );
        assert_eq!(
            decide(&healthy(), NUMBERS, noon()).next_change_at,
            Some(last_moment + TimeDelta::milliseconds(1))
        );
    }

    #[test]
    fn an_arrival_is_observed_for_fourteen_days_with_daily_reports_and_then_green() {
        let mut facts = apply(arrived("2020-03-10"), noon());
        assert_eq!(colour(&facts, noon()), Colour::Yellow);

        let first = local_date(noon());
        for day in 0..14 {
            facts.days_reported.push(first + TimeDelta::days(day));
        }
        facts.days_reported.dedup();
        let end = midnight("2020-03-24".parse().unwrap());
        facts.record = Some(well(end - TimeDelta::hours(1)));

        let early = end - TimeDelta::milliseconds(1);
        assert_eq!(colour(&apply(facts.clone(), early), early), Colour::Yellow);
        assert_eq!(colour(&apply(facts.clone(), end), end), Colour::Green);

        facts.days_reported.pop();
        assert_eq!(
            colour(&apply(facts, end), end),
            Colour::Yellow,
            "a day was not reported"
        );
    }

    #[test]
    fn a_later_arrival_is_observed_for_its_own_length() {
        let first = apply(arrived("2020-03-08"), noon());
        let second = apply(
            Facts {
                declaration: arrived("2020-03-10").declaration,
                ..first
            },
            noon(),
        );
        assert_eq!(second.holds.len(), 2);
        let earlier = apply(
            Facts {
                declaration: arrived("2020-03-01").declaration,
                ..second
            },
            noon(),
        );
        assert_eq!(earlier.holds.len(), 2, "an earlier arrival adds nothing");
    }

    fn any_facts() -> impl Strategy<Value = Facts> {
        let holds = prop::collection::vec((any::<u128>(), 0_i64..30, any::<bool>()), 0..4);
        (
            any::<bool>(),
            any::<bool>(),
            any::<bool>(),
            0_i64..30,
            0_i64..30,
            holds,
        )
            .prop_map(
                |(verified, compared, unwell, age, arrived_ago, holds)| Facts {
                    verified,
                    declaration: Some(Declared {
                        id: DeclarationId(Uuid::nil()),
                        arrived_on: Some(local_date(noon()) - TimeDelta::days(arrived_ago)),
                    }),
                    record: Some(Record {
                        unwell,
                        ..well(noon() - TimeDelta::days(age))
                    }),
                    compared,
                    days_reported: (0..age)
                        .map(|ago| local_date(noon()) - TimeDelta::days(ago))
                        .collect(),
                    holds: holds
                        .into_iter()
                        .map(|(id, ends_in, arrival)| Held {
                            id: HoldId(Uuid::from_u128(id)),
                            reason: if arrival {
                                ReasonCode::Y04
                            } else {
                                ReasonCode::Y01
                            },
                            rule: if arrival { ARRIVAL } else { SELF_REPORT }.into(),
                            rule_version: "1.0.0".into(),
                            source_region: "310000".into(),
                            starts_at: noon() - TimeDelta::days(3),
                            earliest_release_at: arrival
                                .then(|| noon() + TimeDelta::days(ends_in - 15)),
                        })
                        .collect(),
                },
            )
    }

    proptest! {
        #[test]
        fn one_more_hold_never_helps_and_one_less_never_hurts(facts in any_facts()) {
            for at in 0..facts.holds.len() {
                let mut fewer = facts.clone();
                fewer.holds.remove(at);
                prop_assert!(colour(&fewer, noon()) <= colour(&facts, noon()));
            }
        }

        #[test]
        fn comparing_twice_changes_nothing_more(facts in any_facts()) {
            let once = apply(facts, noon());
            prop_assert_eq!(compare(&once, NUMBERS, noon()), vec![]);
        }

        #[test]
        fn the_verdict_stands_until_its_next_change(facts in any_facts(), minutes in 0_i64..50_000) {
            let facts = apply(facts, noon());
            let verdict = decide(&facts, NUMBERS, noon());
            let later = noon() + TimeDelta::minutes(minutes);
            if verdict.next_change_at.is_none_or(|change| later < change) {
                prop_assert_eq!(colour(&facts, later), verdict.colour);
                prop_assert_eq!(compare(&facts, NUMBERS, later), vec![]);
            }
        }

        #[test]
        fn every_colour_but_green_has_a_reason_of_that_colour(facts in any_facts()) {
            let verdict = decide(&facts, NUMBERS, noon());
            let worst = verdict.reasons.first().map(|reason| reason.code.colour());
            prop_assert_eq!(worst.unwrap_or(Colour::Green), verdict.colour);
        }
    }
}
