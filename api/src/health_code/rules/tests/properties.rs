use entity::values::RiskLevel;
use proptest::{collection::vec, option, prelude::*, sample::select};

use super::*;

/// Within some weeks before noon.
fn some_time() -> impl Strategy<Value = DateTime<Utc>> {
    (-30_i64 * 24..5 * 24).prop_map(|hours| noon() + TimeDelta::hours(hours))
}

/// What can only make a colour worse.
fn a_cause() -> impl Strategy<Value = What> {
    let levels = select(vec![RiskLevel::Medium, RiskLevel::High, RiskLevel::Sealed]);
    let ends = option::of((some_time(), 0_i64..20));
    prop_oneof![
        some_time().prop_map(|exposed_at| What::Contact { exposed_at }),
        some_time().prop_map(|exposed_at| What::SecondaryContact { exposed_at }),
        some_time().prop_map(|exposed_at| What::Companion { exposed_at }),
        (some_time(), any::<bool>(), any::<bool>()).prop_map(|(at, abroad, declared)| {
            What::Arrival {
                arrived_at: midnight(local_date(at)),
                abroad,
                declared,
            }
        }),
        (some_time(), any::<bool>()).prop_map(|(at, red)| What::Push {
            at,
            colour: if red { Colour::Red } else { Colour::Yellow },
            origin: Division::try_from("110000".to_owned()).unwrap(),
        }),
        (levels, some_time(), ends).prop_map(|(level, from, ends)| {
            let until = ends.map(|(_, after)| from + days(after));
            What::RiskStay {
                level,
                from,
                until,
                lifted_at: until,
            }
        }),
        some_time().prop_map(|sampled_at| {
            What::Test(Tested {
                sampled_at,
                reported_at: sampled_at,
                result: TestResult::Positive,
                single: false,
            })
        }),
    ]
}

fn anything() -> impl Strategy<Value = What> {
    let results = vec![
        TestResult::Negative,
        TestResult::Negative,
        TestResult::Positive,
        TestResult::Inconclusive,
    ];
    let kinds = select(vec![
        CaseKind::Suspected,
        CaseKind::Confirmed,
        CaseKind::Asymptomatic,
    ]);
    prop_oneof![
        4 => a_cause(),
        2 => (some_time(), select(results), any::<bool>()).prop_map(|(at, result, single)| {
            What::Test(Tested { sampled_at: at, reported_at: at, result, single })
        }),
        1 => (some_time(), kinds).prop_map(|(at, kind)| What::Case { at, kind }),
        1 => (some_time(), option::of(0_i64..20)).prop_map(|(from, after)| What::Isolation {
            from: Some(from),
            until: after.map(|after| from + days(after)),
            place: None,
        }),
    ]
}

/// Recorded some time after it happened, and perhaps taken back some time after that.
fn found(what: impl Strategy<Value = What>) -> impl Strategy<Value = Finding> {
    let back = prop_oneof![3 => Just(None), 1 => (0_i64..240).prop_map(Some)];
    (what, 0_i64..72, back, any::<u32>()).prop_map(|(what, late, back, id)| {
        let recorded_at = what.at() + TimeDelta::hours(late);
        Finding {
            recorded_at,
            withdrawn_at: back.map(|hours| recorded_at + TimeDelta::hours(hours)),
            evidence: format!("fact/{id}"),
            what,
            origin: None,
        }
    })
}

fn noted() -> impl Strategy<Value = Vec<Noted>> {
    let one = (some_time(), 0_i64..48).prop_map(|(at, late)| Noted {
        at,
        recorded_at: at + TimeDelta::hours(late),
    });
    vec(one, 0..2)
}

fn any_opened() -> impl Strategy<Value = Window> {
    let around = || option::of((-5_i64..30).prop_map(|after| noon() + days(after)));
    prop_oneof![
        4 => Just(Window::ALWAYS),
        1 => (around(), around()).prop_map(|(from, until)| Window { from, until }),
    ]
}

/// Somebody of whom nothing was looked at yet.
fn any_facts() -> impl Strategy<Value = Facts> {
    (
        any::<(bool, bool)>(),
        (some_time(), any::<bool>()),
        vec(found(anything()), 0..6),
        noted(),
        noted(),
        vec(0_i64..30, 0..30),
        any_opened(),
    )
        .prop_map(
            |(
                (verified, compared),
                (at, unwell),
                mut findings,
                recoveries,
                exclusions,
                ago,
                opened,
            )| {
                findings.push(record(at, unwell));
                Facts {
                    verified,
                    compared,
                    findings,
                    recoveries,
                    exclusions,
                    days_reported: ago
                        .into_iter()
                        .map(|ago| local_date(noon()) - days(ago))
                        .collect(),
                    opened,
                    ..healthy()
                }
            },
        )
}

/// Somebody who was looked at from time to time until noon.
fn looked_at() -> impl Strategy<Value = Facts> {
    (any_facts(), vec(0_i64..30 * 24, 0..4)).prop_map(|(mut facts, mut ago)| {
        ago.sort_unstable_by_key(|ago| std::cmp::Reverse(*ago));
        for ago in ago {
            facts = settled(facts, &POLICY, noon() - TimeDelta::hours(ago));
        }
        facts
    })
}

static POLICY: std::sync::LazyLock<Policy> = std::sync::LazyLock::new(shipped);

fn without_ids(changes: Vec<Change>) -> Vec<String> {
    let mut told: Vec<String> = changes
        .into_iter()
        .map(|change| format!("{change:?}"))
        .collect();
    told.sort();
    told
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn one_more_cause_never_helps(facts in looked_at(), cause in found(a_cause())) {
        let mut more = facts.clone();
        more.findings.push(cause);
        let before = colour(&settled(facts, &POLICY, noon()), &POLICY, noon());
        let after = colour(&settled(more, &POLICY, noon()), &POLICY, noon());
        prop_assert!(before <= after, "{before:?} became {after:?}");
    }

    #[test]
    fn one_hold_less_never_hurts(facts in looked_at()) {
        let facts = settled(facts, &POLICY, noon());
        for at in 0..facts.holds.len() {
            let mut fewer = facts.clone();
            fewer.holds[at].released.get_or_insert(Released {
                at: noon(),
                by: String::new(),
            });
            prop_assert!(colour(&fewer, &POLICY, noon()) <= colour(&facts, &POLICY, noon()));
        }
    }

    #[test]
    fn order_does_not_matter(
        (facts, shuffled) in looked_at().prop_flat_map(|facts| {
            let findings = Just(facts.findings.clone()).prop_shuffle();
            let holds = Just(facts.holds.clone()).prop_shuffle();
            let days = Just(facts.days_reported.clone()).prop_shuffle();
            (Just(facts), findings, holds, days).prop_map(|(facts, findings, holds, days_reported)| {
                let shuffled = Facts { days_reported, findings, holds, ..facts.clone() };
                (facts, shuffled)
            })
        }),
    ) {
        prop_assert_eq!(decide(&facts, &POLICY, noon()), decide(&shuffled, &POLICY, noon()));
        prop_assert_eq!(
            without_ids(compare(&facts, &POLICY, noon())),
            without_ids(compare(&shuffled, &POLICY, noon()))
        );
    }

    #[test]
    fn nothing_has_an_effect_before_it_was_recorded(facts in looked_at()) {
        let mut known = facts.clone();
        known.findings.retain(|found| found.recorded_at <= noon());
        known.recoveries.retain(|noted| noted.recorded_at <= noon());
        known.exclusions.retain(|noted| noted.recorded_at <= noon());
        for found in &mut known.findings {
            found.withdrawn_at = found.withdrawn_at.filter(|at| *at <= noon());
        }
        let (all, known) = (settled(facts, &POLICY, noon()), settled(known, &POLICY, noon()));
        let told = |facts: &Facts| {
            let told = |held: &Held| format!("{:?}", Held { id: HoldId(Uuid::nil()), ..held.clone() });
            facts.holds.iter().map(told).collect::<Vec<_>>()
        };
        prop_assert_eq!(told(&all), told(&known));
        let (all, known) = (decide(&all, &POLICY, noon()), decide(&known, &POLICY, noon()));
        let told = |verdict: &Verdict| {
            let codes = verdict.reasons.iter().map(|reason| (reason.code, reason.until));
            (verdict.colour, codes.collect::<Vec<_>>())
        };
        prop_assert_eq!(told(&all), told(&known));
    }

    #[test]
    fn comparing_again_asks_for_nothing_more(facts in looked_at()) {
        let facts = settled(facts, &POLICY, noon());
        prop_assert_eq!(compare(&facts, &POLICY, noon()), vec![]);
    }

    #[test]
    fn the_verdict_stands_until_its_next_change(facts in looked_at(), minutes in 0_i64..50_000) {
        let facts = settled(facts, &POLICY, noon());
        let verdict = decide(&facts, &POLICY, noon());
        let next = verdict.next_change_at;
        let last = next.map(|next| next - TimeDelta::milliseconds(1));
        let some = noon() + TimeDelta::minutes(minutes);
        for later in last.into_iter().chain([some]) {
            if next.is_none_or(|change| later < change) {
                let then = decide(&facts, &POLICY, later);
                prop_assert_eq!(then.colour, verdict.colour);
                prop_assert_eq!(&then.reasons, &verdict.reasons);
                prop_assert_eq!(then.next_change_at, next);
                prop_assert_eq!(compare(&facts, &POLICY, later), vec![]);
            }
        }
    }

    #[test]
    fn a_past_instant_gives_the_past_answer(
        facts in any_facts(),
        mut ago in vec(0_i64..30 * 24, 1..5),
    ) {
        ago.sort_unstable_by_key(|ago| std::cmp::Reverse(*ago));
        let mut now = facts;
        let mut answers = Vec::new();
        for ago in ago {
            let at = noon() - TimeDelta::hours(ago);
            now = settled(now, &POLICY, at);
            answers.push((at, decide(&now, &POLICY, at)));
        }
        now = settled(now, &POLICY, noon() + days(1));
        for (at, answer) in answers {
            let then = Facts {
                holds: now.holds.iter().filter_map(|held| held.as_of(at)).collect(),
                ..now.clone()
            };
            prop_assert_eq!(decide(&then, &POLICY, at), answer);
        }
    }

    #[test]
    fn every_colour_but_green_has_a_reason_of_that_colour(facts in looked_at()) {
        let verdict = decide(&facts, &POLICY, noon());
        let worst = verdict.reasons.first().map(|reason| reason.code.colour());
        prop_assert_eq!(worst.unwrap_or(Colour::Green), verdict.colour);
    }

    #[test]
    fn every_hold_names_what_it_was_found_in_and_each_holds_once_at_a_time(facts in looked_at()) {
        let facts = settled(facts, &POLICY, noon());
        prop_assert!(facts.holds.iter().all(|held| !held.evidence.is_empty()));
        let active = || facts.holds.iter().filter(|held| held.is_active());
        let mut found: Vec<_> = active()
            .map(|held| (&held.rule, &held.evidence, held.phase))
            .collect();
        found.sort_unstable();
        found.dedup();
        prop_assert_eq!(found.len(), active().count());
    }
}
