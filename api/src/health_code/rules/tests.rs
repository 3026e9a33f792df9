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
        opened: Window::ALWAYS,
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

fn opened(from: Option<&str>, until: Option<&str>) -> Window {
    Window {
        from: from.map(at),
        until: until.map(at),
    }
}

#[test]
fn a_code_is_grey_until_the_region_opens_and_says_when() {
    let later = Facts {
        opened: opened(Some("2020-03-12T00:00:00Z"), None),
        compared: false,
        ..unwell()
    };
    assert_eq!(compare(&later, NUMBERS, noon()), vec![]);
    let verdict = decide(&later, NUMBERS, noon());
    assert_eq!(verdict.colour, Colour::Grey);
    assert_eq!(verdict.next_change_at, later.opened.from);
    let [reason] = &verdict.reasons[..] else {
        panic!("{verdict:?}");
    };
    assert_eq!(
        (reason.rule.as_str(), reason.until),
        (NOT_OPEN, later.opened.from)
    );

    let opened_at = at("2020-03-12T00:00:00Z");
    assert_eq!(colour(&apply(later, opened_at), opened_at), Colour::Yellow);
}

#[test]
fn a_region_without_a_time_says_none_and_one_that_closed_too() {
    for opened in [
        opened(None, None),
        opened(Some("2020-03-01T00:00:00Z"), Some("2020-03-10T04:00:00Z")),
    ] {
        let verdict = decide(
            &Facts {
                opened,
                ..healthy()
            },
            NUMBERS,
            noon(),
        );
        assert_eq!(verdict.colour, Colour::Grey);
        assert_eq!(verdict.reasons[0].until, None);
    }
}

#[test]
fn what_was_found_before_still_shows_where_the_region_is_not_open_and_ends_as_elsewhere() {
    let moved = Facts {
        opened: opened(None, None),
        ..apply(unwell(), noon())
    };
    assert_eq!(colour(&moved, noon()), Colour::Yellow);
    let recovered = Facts {
        record: Some(well(noon())),
        ..moved
    };
    assert_eq!(colour(&apply(recovered, noon()), noon()), Colour::Grey);
}

fn any_opened() -> impl Strategy<Value = Window> {
    let around = || prop::option::of((-5_i64..30).prop_map(|days| noon() + TimeDelta::days(days)));
    prop_oneof![
        Just(Window::ALWAYS),
        (around(), around()).prop_map(|(from, until)| Window { from, until }),
    ]
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
        any_opened(),
    )
        .prop_map(
            |(verified, compared, unwell, age, arrived_ago, holds, opened)| Facts {
                opened,
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
