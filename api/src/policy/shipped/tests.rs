use std::collections::BTreeSet;

use chrono::TimeDelta;
use entity::values::{Colour, Division, ReasonCode};

use super::*;
use crate::{
    platform::clock::{local_date, midnight},
    policy::{Effect, Env, FollowUp, Logic, Record, Rule, Value},
};

fn rules() -> Vec<Rule> {
    let province = Division::try_from("310000".to_owned()).unwrap();
    let texts = IN_FORCE.iter().chain(&RETIRED);
    texts
        .map(|text| {
            let document: RuleDocument = serde_json::from_str(text).unwrap();
            Rule::read(&document, &province)
                .unwrap_or_else(|flaws| panic!("{}: {flaws:?}", document.id))
        })
        .collect()
}

fn rule(id: &str) -> Rule {
    rules()
        .into_iter()
        .find(|rule| rule.id == id)
        .expect("it is shipped")
}

/// Days and hours of local time since 1 March 2026, 00:00.
fn day(days: i64, hours: i64) -> DateTime<Utc> {
    let first: DateTime<Utc> = "2026-03-01T00:00:00+08:00".parse().unwrap();
    first + TimeDelta::days(days) + TimeDelta::hours(hours)
}

fn test(sampled_at: DateTime<Utc>, result: &'static str, single: bool) -> Record {
    Record::new()
        .with("sampled_at", sampled_at)
        .with("reported_at", sampled_at + TimeDelta::hours(6))
        .with("result", result)
        .with("single", single)
}

/// A person with these tests, the newest first.
fn tested(tests: Vec<Record>) -> Record {
    let newest = tests
        .iter()
        .find(|test| test.get("result") == Some(&"negative".into()));
    let at = newest.and_then(|test| test.get("sampled_at")).cloned();
    Record::new()
        .with("last_negative_at", at)
        .with("tests", tests)
}

fn exposed(at: DateTime<Utc>) -> Record {
    Record::from([("exposed_at", at)])
}

/// A rule, asked of one person and one fact.
struct Asked {
    rule: Rule,
    person: Record,
    fact: Record,
    hold: Option<Record>,
}

impl Asked {
    fn of(id: &str, person: Record, fact: Record) -> Self {
        Self {
            rule: rule(id),
            person,
            fact,
            hold: None,
        }
    }

    fn env(&self, now: DateTime<Utc>) -> Env<'_> {
        Env {
            person: &self.person,
            fact: Some(&self.fact),
            hold: self.hold.as_ref(),
            now,
        }
    }

    fn finds(&self, now: DateTime<Utc>) -> bool {
        self.rule.when.holds(&self.env(now)).value
    }

    fn reason(&self) -> ReasonCode {
        match &self.rule.effect {
            Effect::Hold { reason, .. } | Effect::Show { reason, .. } => *reason,
            Effect::Release { .. } => panic!("a release has no reason of its own"),
        }
    }

    fn follow_up(&self) -> &FollowUp {
        match &self.rule.effect {
            Effect::Hold {
                follow_up: Some(follow_up),
                ..
            } => follow_up,
            _ => panic!("nothing follows"),
        }
    }

    fn until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let Effect::Hold { until, .. } = &self.rule.effect else {
            return None;
        };
        until
            .as_ref()
            .and_then(|until| until.time(&self.env(now)).value)
    }

    /// Whether the hold ends at `now`, as the effect is defined.
    fn ends(&self, now: DateTime<Utc>) -> bool {
        let Effect::Hold { until, release, .. } = &self.rule.effect else {
            return false;
        };
        let met: Vec<&Logic> = release.iter().map(|condition| &condition.met).collect();
        self.ended(until.as_ref(), &met, now)
    }

    /// The same of what follows a hold that ended at `released_at`.
    fn follow_up_ends(mut self, released_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        self.hold = Some(Record::from([("released_at", released_at)]));
        let follow_up = self.follow_up();
        let met: Vec<&Logic> = follow_up
            .release
            .iter()
            .map(|condition| &condition.met)
            .collect();
        self.ended(Some(&follow_up.until), &met, now)
    }

    fn ended(&self, until: Option<&Logic>, release: &[&Logic], now: DateTime<Utc>) -> bool {
        let env = self.env(now);
        let past = until.is_none_or(|until| until.time(&env).value.is_some_and(|at| at <= now));
        let met = release.iter().all(|condition| condition.holds(&env).value);
        past && met && (until.is_some() || !release.is_empty())
    }
}

#[test]
fn every_rule_is_checked_and_every_cause_has_one() {
    let rules = rules();
    let ids: BTreeSet<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids.len(), rules.len());
    let mut reasons = BTreeSet::new();
    for rule in &rules {
        match &rule.effect {
            Effect::Hold {
                reason, follow_up, ..
            } => {
                reasons.insert(*reason);
                reasons.extend(follow_up.as_ref().map(|follow_up| follow_up.reason));
            }
            Effect::Show { reason, .. } => {
                reasons.insert(*reason);
            }
            Effect::Release { .. } => {}
        }
        assert!(rule.scope.is_empty(), "{} is for everybody", rule.id);
    }
    let all: BTreeSet<ReasonCode> = <ReasonCode as sea_orm::Iterable>::iter().collect();
    let missing: Vec<_> = all.difference(&reasons).collect();
    assert_eq!(missing, [&ReasonCode::G00], "which no rule finds");
}

#[test]
fn a_confirmed_case_is_red_until_fourteen_days_after_recovery() {
    let case = |kind: &'static str| Record::new().with("at", day(0, 10)).with("kind", kind);
    let ill = Asked::of("case.confirmed", Record::new(), case("confirmed"));
    assert!(ill.finds(day(0, 11)) && ill.reason() == ReasonCode::R01);
    assert!(!ill.ends(day(300, 0)), "nobody recovers by waiting");
    assert!(!Asked::of("case.confirmed", Record::new(), case("suspected")).finds(day(0, 11)));

    let recovered = Record::from([("recoveries", vec![day(10, 9)])]);
    let well = Asked::of("case.confirmed", recovered.clone(), case("asymptomatic"));
    assert!(well.finds(day(0, 11)));
    assert_eq!(well.until(day(11, 0)), Some(day(24, 9)));
    assert!(!well.ends(day(24, 8)) && well.ends(day(24, 9)));

    let before = Record::from([("recoveries", vec![day(-100, 0)])]);
    assert!(!Asked::of("case.confirmed", before, case("confirmed")).ends(day(30, 0)));

    let follow = |tests| {
        let person = tested(tests).with("recoveries", vec![day(10, 9)]);
        Asked::of("case.confirmed", person, case("confirmed"))
    };
    let negative = || vec![test(day(30, 8), "negative", true)];
    assert_eq!(follow(vec![]).follow_up().reason, ReasonCode::Y05);
    assert!(!follow(negative()).follow_up_ends(day(24, 9), day(38, 8)));
    assert!(follow(negative()).follow_up_ends(day(24, 9), day(38, 9)));
    assert!(
        !follow(vec![]).follow_up_ends(day(24, 9), day(60, 0)),
        "without a negative test"
    );
}

#[test]
fn a_suspected_case_is_red_until_excluded_or_confirmed() {
    let suspected = Record::new()
        .with("at", day(0, 10))
        .with("kind", "suspected");
    let asked = |person| Asked::of("case.suspected", person, suspected.clone());
    let waiting = asked(Record::new());
    assert!(waiting.finds(day(0, 11)) && waiting.reason() == ReasonCode::R02);
    assert!(!waiting.ends(day(300, 0)));
    for told in ["exclusions", "cases"] {
        assert!(
            asked(Record::from([(told, vec![day(3, 0)])])).ends(day(3, 0)),
            "{told}"
        );
        assert!(
            !asked(Record::from([(told, vec![day(-3, 0)])])).ends(day(3, 0)),
            "{told} before"
        );
    }
}

#[test]
fn a_positive_single_test_is_red_until_a_hospital_says_what_it_is() {
    let asked = |person, fact| Asked::of("test.positive", person, fact);
    let positive = || test(day(0, 8), "positive", true);
    assert!(asked(Record::new(), positive()).finds(day(0, 14)));
    assert_eq!(asked(Record::new(), positive()).reason(), ReasonCode::R02);
    for fact in [
        test(day(0, 8), "positive", false),
        test(day(0, 8), "negative", true),
        test(day(0, 8), "inconclusive", true),
    ] {
        assert!(!asked(Record::new(), fact).finds(day(0, 14)));
    }
    for told in ["exclusions", "cases", "recoveries"] {
        assert!(
            asked(Record::from([(told, vec![day(1, 0)])]), positive()).ends(day(1, 0)),
            "{told}"
        );
        assert!(
            !asked(Record::from([(told, vec![day(-1, 0)])]), positive()).ends(day(1, 0)),
            "{told}"
        );
    }
    let negative_later = tested(vec![test(day(2, 8), "negative", true)]);
    assert!(
        !asked(negative_later, positive()).ends(day(9, 0)),
        "a later test decides nothing"
    );
}

#[test]
fn a_close_contact_is_red_for_fourteen_days_and_then_monitored_for_seven() {
    let contact = |tests| Asked::of("contact.close", tested(tests), exposed(day(0, 20)));
    assert!(contact(vec![]).finds(day(13, 0)) && contact(vec![]).reason() == ReasonCode::R03);
    assert!(
        !contact(vec![]).finds(day(14, 20)),
        "what is over is not found any more"
    );
    assert!(!contact(vec![]).ends(day(14, 19)) && contact(vec![]).ends(day(14, 20)));
    assert_eq!(contact(vec![]).follow_up().reason, ReasonCode::Y05);
    let after = || vec![test(day(20, 8), "negative", false)];
    assert!(!contact(after()).follow_up_ends(day(14, 20), day(21, 19)));
    assert!(contact(after()).follow_up_ends(day(14, 20), day(21, 20)));
    let during = vec![test(day(10, 8), "negative", false)];
    assert!(
        !contact(during).follow_up_ends(day(14, 20), day(30, 0)),
        "tested before the release only"
    );
}

#[test]
fn a_contact_of_a_contact_is_red_for_seven_days_and_a_negative_test() {
    let contact = |tests| Asked::of("contact.secondary", tested(tests), exposed(day(0, 20)));
    assert!(contact(vec![]).finds(day(6, 0)) && contact(vec![]).reason() == ReasonCode::R04);
    let negative = || vec![test(day(6, 8), "negative", false)];
    assert!(!contact(negative()).ends(day(7, 19)) && contact(negative()).ends(day(7, 20)));
    assert!(!contact(vec![]).ends(day(8, 0)));
    assert!(
        !contact(vec![test(day(0, 8), "negative", true)]).ends(day(8, 0)),
        "tested before"
    );
}

#[test]
fn a_companion_is_yellow_for_three_days_and_two_tests_or_for_seven_days_and_one() {
    let companion = |tests| Asked::of("contact.companion", tested(tests), exposed(day(0, 12)));
    assert!(companion(vec![]).finds(day(1, 0)) && companion(vec![]).reason() == ReasonCode::Y02);
    let two = |hours| {
        let first = day(1, 8);
        vec![
            test(first + TimeDelta::hours(hours), "negative", false),
            test(first, "negative", false),
        ]
    };
    assert!(companion(two(24)).ends(day(3, 12)) && !companion(two(24)).ends(day(3, 11)));
    assert!(
        !companion(two(23)).ends(day(5, 0)),
        "too close to each other"
    );
    assert!(companion(two(23)).ends(day(7, 12)));
    assert!(!companion(vec![]).ends(day(9, 0)), "without any test");
}

#[test]
fn who_arrives_from_abroad_is_isolated_for_fourteen_days_and_then_monitored_for_seven() {
    let arrived = |abroad: bool| {
        let fact = Record::from([
            ("arrived_at", Value::from(day(0, 0))),
            ("abroad", abroad.into()),
        ]);
        Asked::of("arrival.abroad", Record::new(), fact)
    };
    assert!(arrived(true).finds(day(1, 0)) && arrived(true).reason() == ReasonCode::R05);
    assert!(!arrived(false).finds(day(1, 0)) && !arrived(true).finds(day(14, 0)));
    assert!(!arrived(true).ends(day(13, 23)) && arrived(true).ends(day(14, 0)));
    assert!(!arrived(true).follow_up_ends(day(14, 0), day(20, 23)));
    assert!(arrived(true).follow_up_ends(day(14, 0), day(21, 0)));
}

#[test]
fn who_arrives_from_another_province_is_observed_for_fourteen_days_and_daily_reports() {
    let arrived = |abroad, reported: Vec<i64>| {
        let fact = Record::from([("arrived_at", Value::from(day(0, 0))), ("abroad", abroad)]);
        let days: Vec<_> = reported.into_iter().rev().map(|on| day(on, 0)).collect();
        Asked::of(
            "arrival.observation",
            Record::from([("report_days", days)]),
            fact,
        )
    };
    let daily = || (-3..14).collect();
    let no = || Value::from(false);
    assert!(arrived(no(), vec![]).finds(day(13, 23)) && !arrived(no(), vec![]).finds(day(14, 0)));
    assert_eq!(arrived(no(), vec![]).reason(), ReasonCode::Y04);
    assert!(
        !arrived(true.into(), vec![]).finds(day(1, 0)),
        "abroad has a rule of its own"
    );
    assert!(
        arrived(Value::Null, vec![]).finds(day(1, 0)),
        "where from is not known"
    );
    assert!(!arrived(no(), daily()).ends(day(13, 23)) && arrived(no(), daily()).ends(day(14, 0)));

    let missed = || (0..14).filter(|on| *on != 5).collect::<Vec<_>>();
    assert!(!arrived(no(), missed()).ends(day(14, 0)), "a missed day");
    assert!(
        arrived(no(), [missed(), vec![14]].concat()).ends(day(14, 1)),
        "is made up for by another"
    );
}

#[test]
fn stays_in_places_at_risk_last_as_long_as_their_level_says() {
    let stay = |level: &'static str, lifted_at: Option<DateTime<Utc>>| {
        Record::new()
            .with("level", level)
            .with("from", day(-5, 0))
            .with("until", day(0, 0))
            .with("lifted_at", lifted_at)
    };
    let asked = |id, level, lifted_at, tests| Asked::of(id, tested(tests), stay(level, lifted_at));
    let high = || asked("risk-area.high", "high", None, vec![]);
    assert!(
        high().finds(day(13, 0)) && !high().finds(day(14, 0)) && high().reason() == ReasonCode::R06
    );
    assert!(!high().ends(day(13, 23)) && high().ends(day(14, 0)));

    let sealed = |lifted_at| asked("risk-area.sealed", "sealed", lifted_at, vec![]);
    assert!(sealed(None).finds(day(99, 0)) && sealed(None).reason() == ReasonCode::R07);
    assert!(!sealed(None).ends(day(99, 0)), "while nobody unseals it");
    assert!(!sealed(Some(day(3, 0))).ends(day(9, 23)) && sealed(Some(day(3, 0))).ends(day(10, 0)));

    let medium = |tests| asked("risk-area.medium", "medium", None, tests);
    assert!(medium(vec![]).finds(day(1, 0)) && medium(vec![]).reason() == ReasonCode::Y03);
    assert!(
        !medium(vec![test(day(2, 23), "negative", true)]).ends(day(9, 0)),
        "tested too early"
    );
    assert!(medium(vec![test(day(3, 0), "negative", false)]).ends(day(3, 6)));
    let living_there = |id, level: &'static str| {
        let stay = Record::new().with("level", level).with("from", day(-5, 0));
        Asked::of(id, tested(vec![test(day(50, 0), "negative", true)]), stay)
    };
    for (id, level) in [
        ("risk-area.high", "high"),
        ("risk-area.medium", "medium"),
        ("risk-area.sealed", "sealed"),
    ] {
        assert!(living_there(id, level).finds(day(99, 0)), "{id}");
        assert!(!living_there(id, level).ends(day(99, 0)), "{id}");
    }
    for id in ["risk-area.high", "risk-area.sealed", "risk-area.medium"] {
        assert!(!asked(id, "low", None, vec![]).finds(day(1, 0)), "{id}");
    }
}

#[test]
fn what_another_region_pushed_ends_only_when_it_takes_it_back() {
    for (id, colour, reason) in [
        ("push.red", "red", ReasonCode::R08),
        ("push.yellow", "yellow", ReasonCode::Y02),
    ] {
        let push = Record::new()
            .with("at", day(0, 0))
            .with("colour", colour)
            .with("origin", "410000");
        let asked = Asked::of(id, tested(vec![test(day(9, 0), "negative", true)]), push);
        assert!(asked.finds(day(1, 0)) && asked.reason() == reason);
        assert!(!asked.ends(day(999, 0)), "{id}");
    }
    let red = Record::from([("colour", "red")]);
    assert!(!Asked::of("push.yellow", Record::new(), red).finds(day(1, 0)));
}

#[test]
fn who_reports_fever_is_yellow_until_a_report_says_otherwise() {
    let asked = |now: bool| {
        let fact = Record::from([("at", Value::from(day(0, 8))), ("unwell", true.into())]);
        Asked::of("self-report.unwell", Record::from([("unwell", now)]), fact)
    };
    assert!(asked(true).finds(day(0, 9)) && asked(true).reason() == ReasonCode::Y01);
    assert!(!asked(true).ends(day(9, 0)) && asked(false).ends(day(1, 0)));
}

#[test]
fn a_positive_mixed_tube_is_yellow_until_a_single_test_has_a_result() {
    let asked = |tests| {
        Asked::of(
            "test.mixed-positive",
            tested(tests),
            test(day(0, 8), "positive", false),
        )
    };
    assert!(asked(vec![]).finds(day(0, 14)) && asked(vec![]).reason() == ReasonCode::Y02);
    assert!(
        !Asked::of(
            "test.mixed-positive",
            Record::new(),
            test(day(0, 8), "positive", true)
        )
        .finds(day(1, 0))
    );
    for (result, single, later, ends) in [
        ("negative", true, 1, true),
        ("positive", true, 1, true),
        ("inconclusive", true, 1, false),
        ("negative", false, 1, false),
        ("negative", true, -1, false),
    ] {
        let retest = vec![test(day(0, 8 + later), result, single)];
        assert_eq!(
            asked(retest).ends(day(1, 0)),
            ends,
            "{result} {single} {later}"
        );
    }
}

#[test]
fn who_leaves_isolation_is_monitored_for_seven_days() {
    let isolated = |until: Option<DateTime<Utc>>| {
        let fact = Record::new().with("from", day(0, 0)).with("until", until);
        Asked::of("isolation.ended", Record::new(), fact)
    };
    assert!(!isolated(None).finds(day(3, 0)), "while it goes on");
    let ended = isolated(Some(day(14, 10)));
    assert!(
        !ended.finds(day(14, 9)) && ended.finds(day(14, 10)) && ended.reason() == ReasonCode::Y05
    );
    assert!(!ended.ends(day(21, 9)) && ended.ends(day(21, 10)) && !ended.finds(day(21, 10)));
}

#[test]
fn a_record_is_good_for_fourteen_local_days_its_own_included() {
    for at in [day(0, 0), day(0, 12), day(0, 23)] {
        let person = Record::new()
            .with("record_at", at)
            .with("record_day", midnight(local_date(at)));
        let asked = Asked::of("record.stale", person, Record::new());
        assert!(!asked.finds(day(13, 23)) && asked.finds(day(14, 0)));
        assert_eq!(asked.reason().colour(), Colour::Yellow);
        let Effect::Show {
            since: Some(since), ..
        } = &asked.rule.effect
        else {
            panic!("it shows")
        };
        assert_eq!(since.time(&asked.env(day(20, 0))).value, Some(day(14, 0)));
        let fresh = asked.rule.when.holds(&asked.env(day(1, 0)));
        assert_eq!(fresh.changes_at, Some(day(14, 0)));
    }
    assert!(
        !Asked::of("record.stale", Record::new(), Record::new()).finds(day(99, 0)),
        "nothing is stale that is not there"
    );
}

#[test]
fn a_routine_test_is_overdue_after_seventy_two_hours() {
    let asked = |tests| Asked::of("test.overdue", tested(tests), Record::new());
    assert!(asked(vec![]).finds(day(0, 0)) && asked(vec![]).reason() == ReasonCode::Y07);
    let negative = || vec![test(day(0, 8), "negative", false)];
    assert!(!asked(negative()).finds(day(3, 7)) && asked(negative()).finds(day(3, 8)));
}

#[test]
fn nobody_can_be_led_astray_by_what_a_rule_lists() {
    let text = IN_FORCE[0].replace("\"fact.abroad\", ", "");
    let document: RuleDocument = serde_json::from_str(&text).unwrap();
    let province = Division::try_from("310000".to_owned()).unwrap();
    let flaws = Rule::read(&document, &province).unwrap_err();
    assert_eq!(flaws.len(), 1);
    assert_eq!(
        (flaws[0].path.as_str(), flaws[0].kind.code()),
        ("affected", "affected")
    );
}
