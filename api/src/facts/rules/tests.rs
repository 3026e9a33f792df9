//! What may be recorded, which report counts, and who stayed where.

use chrono::NaiveDate;
use entity::values::{Division, RiskAreaId, RiskLevel, TestResult};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{stays::*, *};
use crate::{
    facts::{Dossier, Test, rules::latest::Shown},
    platform::clock::midnight,
};

const KINDS: [FactKind; 12] = [
    FactKind::CloseContact,
    FactKind::SecondaryContact,
    FactKind::Companion,
    FactKind::SuspectedCase,
    FactKind::SuspicionExcluded,
    FactKind::ConfirmedCase,
    FactKind::Recovered,
    FactKind::Arrival,
    FactKind::IsolationStarted,
    FactKind::IsolationEnded,
    FactKind::Push,
    FactKind::Override,
];

fn now() -> DateTime<Utc> {
    "2026-03-02T04:00:00Z".parse().unwrap()
}

fn division(code: &str) -> Division {
    Division::try_from(code.to_owned()).unwrap()
}

#[test]
fn samples_are_at_most_sixty_days_old_and_nothing_lies_in_the_future() {
    let (second, hour) = (TimeDelta::seconds(1), TimeDelta::hours(1));
    let oldest = now() - TimeDelta::days(60);
    for (sampled, reported, expected) in [
        (now(), now(), Ok(())),
        (oldest, oldest, Ok(())),
        (
            now() + second,
            now() + hour,
            Err(Impossible::SampledInFuture),
        ),
        (oldest - second, now(), Err(Impossible::SampledTooLongAgo)),
        (
            now() - hour,
            now() + second,
            Err(Impossible::ReportedInFuture),
        ),
        (
            now() - hour,
            now() - hour - second,
            Err(Impossible::ReportedBeforeSampled),
        ),
    ] {
        assert_eq!(possible_test(sampled, reported, 1, now()), expected);
    }
}

#[test]
fn tubes_hold_one_five_ten_or_twenty_samples() {
    let good: Vec<i16> = (-1..=21)
        .filter(|size| possible_test(now(), now(), *size, now()).is_ok())
        .collect();
    assert_eq!(good, TUBE_SIZES);
}

#[test]
fn facts_happened_within_the_last_year_and_end_after_that_where_they_end() {
    let second = TimeDelta::seconds(1);
    let possible = |kind, at, ends| possible_fact(kind, at, ends, now());
    let contact = FactKind::CloseContact;
    assert_eq!(possible(contact, now(), None), Ok(()));
    assert_eq!(
        possible(contact, now() + second, None),
        Err(Impossible::HappenedInFuture)
    );
    let oldest = now() - FACTS_COUNT_FOR;
    assert_eq!(possible(contact, oldest, None), Ok(()));
    assert_eq!(
        possible(contact, oldest - second, None),
        Err(Impossible::HappenedTooLongAgo)
    );
    assert_eq!(possible(contact, now(), Some(now() + second)), Ok(()));
    for ends in [now(), now() - second, now() + FACTS_COUNT_FOR + second] {
        assert_eq!(possible(contact, now(), Some(ends)), Err(Impossible::Ends));
    }
    let endless: Vec<FactKind> = KINDS
        .into_iter()
        .filter(|kind| possible(*kind, now(), Some(now() + second)).is_err())
        .collect();
    assert_eq!(
        endless,
        [
            FactKind::SuspectedCase,
            FactKind::SuspicionExcluded,
            FactKind::ConfirmedCase,
            FactKind::Recovered,
            FactKind::Arrival,
            FactKind::IsolationEnded,
        ]
    );
}

#[test]
fn names_hold_nothing_that_means_something_to_a_program() {
    assert_eq!(sample("huangpu", "H-1_2.3").unwrap(), "huangpu/H-1_2.3");
    assert_eq!(sample("黄浦疾控", "1"), Err(Impossible::Lab));
    assert_eq!(sample("cdc", "管1"), Err(Impossible::Tube));
    assert_eq!(sample(&"x".repeat(32), "1"), Err(Impossible::Lab));
    assert_eq!(sample("cdc", &"1".repeat(33)), Err(Impossible::Tube));
    for wrong in ["", " ", "a/b", "a b", "=1", "a\n", "%41", "a\0"] {
        assert_eq!(sample(wrong, "1"), Err(Impossible::Lab), "{wrong:?}");
        assert_eq!(sample("cdc", wrong), Err(Impossible::Tube), "{wrong:?}");
        let called = staff_reference(&division("310100"), wrong);
        assert_eq!(called, Err(Impossible::Reference), "{wrong:?}");
    }
    let longest = staff_reference(&division("310100"), &"字".repeat(57)).unwrap();
    assert_eq!(longest.chars().count(), 64);
    for (name, good) in [
        ("huangpu-cdc", true),
        ("a1", true),
        ("a", false),
        ("1a", false),
        ("-a", false),
        ("Cdc", false),
        ("staff", false),
        ("黄浦", false),
    ] {
        assert_eq!(is_source_name(name), good, "{name}");
    }
    assert!(!is_source_name(&"a".repeat(33)));
}

#[test]
fn a_level_begins_once_it_is_known_and_ends_later() {
    let (second, day) = (TimeDelta::seconds(1), TimeDelta::days(1));
    let possible = |from, until| possible_area(from, until, now());
    assert_eq!(possible(now(), None), Ok(()));
    assert_eq!(possible(now() - day, Some(now() + day)), Ok(()));
    assert_eq!(
        possible(now() + second, None),
        Err(Impossible::StartsInFuture)
    );
    assert_eq!(
        possible(now() - SAMPLES_COUNT_FOR - second, None),
        Err(Impossible::StartedTooLongAgo)
    );
    for until in [now(), now() - day, now() + FACTS_COUNT_FOR + second] {
        assert_eq!(possible(now() - day, Some(until)), Err(Impossible::Ends));
    }
}

#[test]
fn each_kind_has_its_own_detail_and_no_other() {
    let details = [
        (FactKind::Arrival, json!({"from": "abroad"})),
        (
            FactKind::Arrival,
            json!({"from": "domestic", "division": "420106"}),
        ),
        (FactKind::ConfirmedCase, json!({"asymptomatic": true})),
        (FactKind::IsolationStarted, json!({"place": "central"})),
        (FactKind::Push, json!({"colour": "red", "reason": "HN-07"})),
        (
            FactKind::Override,
            json!({"effect": "red", "ground": "exposure_found"}),
        ),
        (
            FactKind::Override,
            json!({"effect": "release", "ground": "record_wrong", "cause": "R03"}),
        ),
        (FactKind::CloseContact, json!({})),
    ];
    for (kind, detail) in &details {
        assert_eq!(canonical(*kind, detail.clone()).as_ref(), Ok(detail));
    }
    for kind in KINDS {
        for (owner, detail) in &details {
            let fits = canonical(kind, detail.clone()).is_ok();
            let both_bare =
                detail.as_object().unwrap().is_empty() && canonical(kind, Value::Null).is_ok();
            assert_eq!(fits, kind == *owner || both_bare, "{kind:?} {detail}");
        }
    }
}

#[test]
fn a_detail_says_what_it_must_and_nothing_else() {
    for (kind, wrong) in [
        (FactKind::Arrival, json!({"from": "moon"})),
        (FactKind::Arrival, json!({"division": "420106"})),
        (
            FactKind::Arrival,
            json!({"from": "abroad", "division": "420106"}),
        ),
        (
            FactKind::Arrival,
            json!({"from": "domestic", "division": "42"}),
        ),
        (FactKind::Arrival, json!(["abroad", null])),
        (FactKind::ConfirmedCase, json!({})),
        (FactKind::ConfirmedCase, json!({"asymptomatic": "yes"})),
        (FactKind::IsolationStarted, json!({"place": "hotel"})),
        (FactKind::Push, json!({"colour": "green", "reason": "x"})),
        (FactKind::Push, json!({"colour": "red", "reason": ""})),
        (FactKind::Push, json!({"colour": "red", "reason": "a b"})),
        (
            FactKind::Push,
            json!({"colour": "red", "reason": "x".repeat(33)}),
        ),
        (
            FactKind::Push,
            json!({"colour": "red", "reason": "x", "name": "y"}),
        ),
        (
            FactKind::Override,
            json!({"effect": "red", "ground": "record_wrong"}),
        ),
        (
            FactKind::Override,
            json!({"effect": "red", "ground": "symptoms_seen", "cause": "R03"}),
        ),
        (
            FactKind::Override,
            json!({"effect": "release", "ground": "record_wrong"}),
        ),
        (
            FactKind::Override,
            json!({"effect": "green", "ground": "record_wrong", "cause": "R03"}),
        ),
        (FactKind::CloseContact, json!({"name": "y"})),
        (FactKind::CloseContact, json!("y")),
    ] {
        let read = canonical(kind, wrong.clone());
        assert_eq!(read, Err(Impossible::Detail), "{kind:?} {wrong}");
    }
}

fn report(sample: &str, sampled: i64, reported: i64, result: TestResult, single: bool) -> Test {
    let at = |hours| now() + TimeDelta::hours(hours);
    Test {
        evidence: format!("test/{sample}"),
        sampled_at: at(sampled),
        reported_at: at(reported),
        result,
        single,
        source: "cdc".into(),
        recorded_at: at(reported),
    }
}

fn shown(reports: Vec<Test>) -> Option<(i64, Finding)> {
    let dossier = Dossier {
        tests: last_reports(reports),
        ..Dossier::default()
    };
    let Shown { sampled_at, result } = latest_test(&dossier)?;
    Some(((sampled_at - now()).num_hours(), result))
}

#[test]
fn the_sample_taken_last_is_shown_whichever_was_reported_last() {
    use TestResult::{Negative, Positive};
    assert_eq!(shown(Vec::new()), None);
    let late = report("cdc/1", -48, -1, Positive, true);
    let quick = report("cdc/2", -24, -20, Negative, true);
    assert_eq!(shown(vec![late, quick]), Some((-24, Finding::Negative)));
}

#[test]
fn the_last_report_of_a_sample_takes_the_place_of_those_before() {
    use TestResult::{Inconclusive, Negative, Positive};
    let first = report("cdc/1", -48, -40, Positive, true);
    let before = report("cdc/0", -72, -70, Negative, true);
    let corrected = report("cdc/1", -48, -30, Negative, true);
    let taken_back = report("cdc/1", -48, -20, Inconclusive, true);
    let all = vec![corrected, first.clone(), before.clone()];
    assert_eq!(shown(all), Some((-48, Finding::Negative)));
    let all = vec![taken_back, first.clone(), before.clone()];
    assert_eq!(shown(all), Some((-48, Finding::Inconclusive)));
    // A correction may say that the sample was taken earlier.
    let earlier = report("cdc/1", -96, -30, Positive, true);
    let all = vec![first, earlier, before];
    assert_eq!(shown(all), Some((-72, Finding::Negative)));
}

#[test]
fn a_positive_mixed_tube_waits_for_a_single_re_test() {
    use TestResult::{Negative, Positive};
    let mixed = report("cdc/mix", -10, -5, Positive, false);
    assert_eq!(shown(vec![mixed.clone()]), Some((-10, Finding::Pending)));
    for (result, finding) in [(Negative, Finding::Negative), (Positive, Finding::Positive)] {
        let single = report("cdc/one", -4, -1, result, true);
        assert_eq!(shown(vec![single, mixed.clone()]), Some((-4, finding)));
    }
}

#[test]
fn tests_count_for_sixty_days_before_the_last_one() {
    use TestResult::Negative;
    let newest = report("cdc/new", -1, -1, Negative, true);
    let edge = report("cdc/edge", -1 - 60 * 24, -1, Negative, true);
    let old = report("cdc/old", -2 - 60 * 24, -1, Negative, true);
    let counted = last_reports(vec![old, newest.clone(), edge.clone()]);
    assert_eq!(counted, [newest, edge]);
}

fn day(of_march: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, of_march).unwrap()
}

fn stay(code: &str, from: u32, until: Option<u32>) -> Stay {
    Stay {
        division: division(code),
        first_day: day(from),
        last_day: until.map(day),
        declared_at: midnight(day(20)),
        replaced_at: None,
    }
}

fn area(number: u128, code: &str, from: u32, until: Option<u32>) -> Area {
    Area {
        id: RiskAreaId(Uuid::from_u128(number)),
        division: division(code),
        level: RiskLevel::High,
        starts_at: midnight(day(from)),
        ends_at: until.map(|until| midnight(day(until))),
        recorded_at: midnight(day(from)) + TimeDelta::hours(1),
    }
}

/// From when until when, in midnights of March.
fn met(stay: Stay, area: Area) -> Option<(u32, Option<u32>)> {
    let met = risk_stays(&[stay], &[area]);
    let of_march = |at| {
        (1..=31)
            .find(|number| midnight(day(*number)) == at)
            .unwrap()
    };
    met.first()
        .map(|met| (of_march(met.from), met.until.map(of_march)))
}

#[test]
fn stays_meet_areas_of_wider_and_of_narrower_places() {
    let stays = ["310000", "310100", "310101"];
    for place in stays {
        for code in stays {
            assert_eq!(
                met(stay(place, 1, Some(5)), area(1, code, 3, None)),
                Some((3, Some(6))),
                "{place} {code}"
            );
        }
        for elsewhere in ["310104", "320000", "440300"] {
            let met = met(stay(place, 1, Some(5)), area(1, elsewhere, 3, None));
            assert_eq!(
                met.is_some(),
                division(place).contains(&division(elsewhere))
            );
        }
    }
}

#[test]
fn a_stay_lasts_to_the_end_of_its_last_day_and_a_level_to_its_lifting() {
    let code = "310101";
    assert_eq!(met(stay(code, 1, Some(5)), area(1, code, 6, None)), None);
    assert_eq!(met(stay(code, 5, Some(9)), area(1, code, 1, Some(5))), None);
    let inside = met(stay(code, 1, Some(9)), area(1, code, 3, Some(7)));
    assert_eq!(inside, Some((3, Some(7))));
    let at_home = met(stay(code, 1, None), area(1, code, 3, Some(7)));
    assert_eq!(at_home, Some((3, Some(7))));
    let still = met(stay(code, 1, None), area(1, code, 3, None));
    assert_eq!(still, Some((3, None)));
}

#[test]
fn several_stays_in_an_area_are_one_from_the_first_to_the_last() {
    let stays = [
        stay("310101", 1, Some(4)),
        stay("420106", 4, Some(8)),
        stay("310101", 8, Some(9)),
    ];
    let areas = [area(1, "310100", 2, None), area(2, "420000", 5, Some(6))];
    let found = risk_stays(&stays, &areas);
    let told: Vec<_> = found
        .iter()
        .map(|it| (it.area, it.from, it.until))
        .collect();
    let at = |number| midnight(day(number));
    assert_eq!(
        told,
        [
            (areas[0].id, at(2), Some(at(10))),
            (areas[1].id, at(5), Some(at(6))),
        ]
    );
    // Both have to be known: these were declared on the twentieth.
    assert!(found.iter().all(|it| it.recorded_at == at(20)));
}

fn any_report() -> impl Strategy<Value = Test> {
    let result = prop_oneof![
        Just(TestResult::Negative),
        Just(TestResult::Positive),
        Just(TestResult::Inconclusive),
    ];
    (0..4_u8, 0..2_000_i64, 0..50_i64, result, any::<bool>()).prop_map(
        |(tube, hours, later, result, single)| {
            report(
                &format!("cdc/{tube}"),
                -hours,
                later - hours,
                result,
                single,
            )
        },
    )
}

proptest! {
    #[test]
    fn the_order_in_which_reports_arrive_does_not_matter(
        reports in prop::collection::vec(any_report(), 0..12),
        turn in 0..12_usize,
    ) {
        // Two reports of one sample made at the same time contradict each other and are refused.
        let mut known = Vec::<Test>::new();
        for report in reports {
            let name = |test: &Test| (test.evidence.clone(), test.reported_at);
            if known.iter().all(|other| name(other) != name(&report)) {
                known.push(report);
            }
        }
        let mut turned = known.clone();
        turned.rotate_left(turn.min(known.len()));
        prop_assert_eq!(last_reports(known.clone()), last_reports(turned));
        prop_assert_eq!(last_reports(last_reports(known.clone())), last_reports(known));
    }

    #[test]
    fn each_sample_counts_once_by_its_last_report(
        reports in prop::collection::vec(any_report(), 1..12),
    ) {
        let counted = last_reports(reports.clone());
        for test in &counted {
            let same = reports.iter().filter(|other| other.evidence == test.evidence);
            let last = same.map(|other| other.reported_at).max();
            prop_assert_eq!(Some(test.reported_at), last);
        }
        let names: std::collections::BTreeSet<_> = counted.iter().map(|it| &it.evidence).collect();
        prop_assert_eq!(names.len(), counted.len());
        prop_assert!(counted.is_sorted_by(|a, b| a.sampled_at >= b.sampled_at));
    }

    #[test]
    fn a_stay_is_found_where_place_and_time_are_common_and_nowhere_else(
        (from, days) in (1..20_u32, 0..8_u32),
        (begins, lasts) in (1..20_u32, 1..8_u32),
        place in prop::sample::select(vec!["310000", "310100", "310101", "310104", "320102"]),
        code in prop::sample::select(vec!["310000", "310101", "320000"]),
    ) {
        let (place, code) = (division(place), division(code));
        let declared = stay(place.code(), from, Some(from + days));
        let level = area(1, code.code(), begins, Some(begins + lasts));
        let common = code.contains(&place) || place.contains(&code);
        let at_once = from < begins + lasts && begins < from + days + 1;
        let found = risk_stays(&[declared], std::slice::from_ref(&level));
        prop_assert_eq!(found.len(), usize::from(common && at_once));
        for stay in found {
            prop_assert!(stay.from >= level.starts_at && Some(stay.from) < stay.until);
            prop_assert!(stay.until <= level.ends_at);
        }
    }

    #[test]
    fn nothing_is_read_as_a_detail_that_is_not_written_back_the_same(
        text in "\\PC{0,12}",
        kind in prop::sample::select(KINDS.to_vec()),
    ) {
        let detail = json!({"colour": "red", "reason": text});
        if let Ok(kept) = canonical(kind, detail.clone()) {
            prop_assert_eq!(&kept, &detail);
            prop_assert_eq!(canonical(kind, kept.clone()), Ok(kept));
        }
    }
}
