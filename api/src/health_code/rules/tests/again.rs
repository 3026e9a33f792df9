//! What was found before, and is found again.

use entity::values::RiskLevel;

use super::*;

/// How many of the holds of `facts` were opened for `reason`, and how many of these hold.
fn counted(facts: &Facts, reason: ReasonCode) -> (usize, usize) {
    let of_this = || facts.holds.iter().filter(|held| held.reason == reason);
    (
        of_this().count(),
        of_this().filter(|held| held.is_active()).count(),
    )
}

/// The policy that is shipped, where `version` of the rule with `id` is in force, and `before` ended.
fn turned(id: &str, version: &str, before: &[&str]) -> Policy {
    let mut policy = shipped();
    for rule in &mut policy.rules {
        if rule.id == id {
            let version = version.to_owned().try_into().unwrap();
            *rule = Arc::new(Rule {
                version,
                ..Rule::clone(rule)
            });
        }
    }
    for ended in before {
        policy.before.insert((id.into(), (*ended).into()), None);
    }
    policy
}

fn stay(until: Option<DateTime<Utc>>, lifted_at: Option<DateTime<Utc>>) -> What {
    What::RiskStay {
        level: RiskLevel::High,
        from: noon(),
        until,
        lifted_at,
    }
}

#[test]
fn what_a_rule_found_is_found_again_after_the_rule_was_rolled_back() {
    let first = turned("contact.close", "1.0.0", &[]);
    let second = turned("contact.close", "1.1.0", &[]);
    let back = turned("contact.close", "1.0.0", &["1.1.0"]);
    let third = turned("contact.close", "1.2.0", &["1.0.0", "1.1.0"]);
    let mut facts = with(contact(noon(), "fact/1"));
    for policy in [&second, &back, &third, &first] {
        assert_eq!(
            shows(&mut facts, policy, noon()),
            (Colour::Red, vec![ReasonCode::R03])
        );
        assert_eq!(counted(&facts, ReasonCode::R03).1, 1);
    }
    assert_eq!(counted(&facts, ReasonCode::R03).0, 3);
}

#[test]
fn isolation_that_ends_another_time_than_planned_is_followed_by_monitoring_all_the_same() {
    let policy = shipped();
    let isolation = |until| What::Isolation {
        from: Some(noon()),
        until: Some(until),
        place: None,
    };
    let planned = noon() + days(14);
    let mut facts = with(finding(isolation(planned), "fact/1"));
    now_is(&mut facts, record(planned, false));
    assert_eq!(shows(&mut facts, &policy, planned).0, Colour::Yellow);

    let (ended, noticed) = (planned + TimeDelta::hours(2), planned + TimeDelta::hours(3));
    for found in &mut facts.findings {
        if found.evidence == "fact/1" {
            found.what = isolation(ended);
        }
    }
    assert_eq!(
        shows(&mut facts, &policy, noticed),
        (Colour::Yellow, vec![ReasonCode::Y05])
    );
    let verdict = decide(&facts, &policy, noticed);
    assert_eq!(verdict.reasons[0].until, Some(ended + days(7)));
    assert_eq!(shows(&mut facts, &policy, ended + days(7)).0, Colour::Green);
}

#[test]
fn a_report_that_is_corrected_twice_holds_again() {
    let policy = shipped();
    let mut facts = with(test(noon(), TestResult::Positive, true));
    for (day, result, expected) in [
        (0, TestResult::Positive, Colour::Red),
        (1, TestResult::Inconclusive, Colour::Green),
        (2, TestResult::Positive, Colour::Red),
        (3, TestResult::Negative, Colour::Green),
    ] {
        let What::Test(tested) = &mut facts.findings[1].what else {
            panic!("a test");
        };
        tested.result = result;
        facts.findings[1].recorded_at = noon() + days(day);
        assert_eq!(shows(&mut facts, &policy, noon() + days(day)).0, expected);
    }
    assert_eq!(counted(&facts, ReasonCode::R02), (2, 0));
}

#[test]
fn the_same_risk_area_visited_again_holds_again() {
    let policy = shipped();
    let first = noon() + days(1);
    let mut facts = with(finding(stay(Some(first), None), "risk_area/1"));
    facts.findings[1].recorded_at = noon();
    assert_eq!(shows(&mut facts, &policy, first).0, Colour::Red);
    let released = first + days(14);
    now_is(&mut facts, record(released, false));
    assert_eq!(shows(&mut facts, &policy, released).0, Colour::Green);

    let second = released + days(3);
    for found in &mut facts.findings {
        if found.evidence == "risk_area/1" {
            found.what = stay(Some(second), None);
        }
    }
    let back = second + days(1);
    assert_eq!(
        shows(&mut facts, &policy, back),
        (Colour::Red, vec![ReasonCode::R06])
    );
    assert_eq!(
        decide(&facts, &policy, back).reasons[0].until,
        Some(second + days(14))
    );
    now_is(&mut facts, record(second + days(14), false));
    assert_eq!(
        shows(&mut facts, &policy, second + days(14)).0,
        Colour::Green
    );
    assert_eq!(counted(&facts, ReasonCode::R06), (2, 0));
}

#[test]
fn the_same_stay_lifted_in_the_meantime_is_not_found_twice() {
    let policy = shipped();
    let mut facts = with(finding(stay(None, None), "risk_area/1"));
    shows(&mut facts, &policy, noon());
    let lifted = noon() + days(5);
    facts.findings[1].what = stay(Some(lifted), Some(lifted));
    facts.findings[1].recorded_at = noon();
    let over = lifted + days(14);
    now_is(&mut facts, record(over, false));
    assert_eq!(shows(&mut facts, &policy, over).0, Colour::Green);
    assert_eq!(counted(&facts, ReasonCode::R06), (1, 0));
}

#[test]
fn a_positive_test_holds_again_once_the_case_that_released_it_is_taken_back() {
    let policy = shipped();
    let mut facts = with(test(noon(), TestResult::Positive, true));
    assert_eq!(shows(&mut facts, &policy, noon()).1, [ReasonCode::R02]);
    let kind = CaseKind::Confirmed;
    let case = What::Case { at: noon(), kind };
    facts.findings.push(finding(case, "fact/1"));
    assert_eq!(shows(&mut facts, &policy, noon()).1, [ReasonCode::R01]);

    let later = noon() + days(1);
    facts.findings[2].withdrawn_at = Some(later);
    assert_eq!(
        shows(&mut facts, &policy, later),
        (Colour::Red, vec![ReasonCode::R02])
    );
    facts.exclusions.push(Noted {
        at: later,
        recorded_at: later,
    });
    assert_eq!(shows(&mut facts, &policy, later).0, Colour::Green);
    assert_eq!(counted(&facts, ReasonCode::R02), (2, 0));
}

#[test]
fn a_mixed_tube_waits_again_once_the_negative_that_answered_it_is_corrected() {
    let policy = shipped();
    let mut facts = with(test(noon(), TestResult::Positive, false));
    shows(&mut facts, &policy, noon());
    let later = noon() + days(1);
    facts.findings.push(test(later, TestResult::Negative, true));
    assert_eq!(shows(&mut facts, &policy, later).0, Colour::Green);
    let corrected = later + TimeDelta::hours(5);
    let What::Test(tested) = &mut facts.findings[2].what else {
        panic!("a test");
    };
    tested.result = TestResult::Inconclusive;
    assert_eq!(
        shows(&mut facts, &policy, corrected),
        (Colour::Yellow, vec![ReasonCode::Y02])
    );
}

#[test]
fn a_stay_in_one_area_does_not_hide_behind_another_that_was_lifted_early() {
    let policy = shipped();
    let planned = noon() + days(30);
    let mut facts = with(finding(stay(Some(planned), Some(planned)), "risk_area/1"));
    facts.findings[1].recorded_at = noon();
    shows(&mut facts, &policy, noon());
    let lifted = noon() + days(5);
    facts.findings[1].what = stay(Some(lifted), Some(lifted));
    let left = noon() + days(12);
    let mut other = finding(stay(Some(left), None), "risk_area/2");
    other.recorded_at = lifted;
    facts.findings.push(other);
    for now in [lifted, lifted + days(14)] {
        let mut facts = facts.clone();
        now_is(&mut facts, record(now, false));
        let (colour, _) = shows(&mut facts, &policy, now);
        let verdict = decide(&facts, &policy, now);
        let last = verdict
            .reasons
            .iter()
            .filter_map(|reason| reason.until)
            .max();
        assert_eq!((colour, last), (Colour::Red, Some(left + days(14))));
    }
}

#[test]
fn a_case_is_held_from_the_newest_recovery_on() {
    let policy = shipped();
    let kind = CaseKind::Confirmed;
    let mut facts = with(finding(What::Case { at: noon(), kind }, "fact/1"));
    for after in [20, 12, -3] {
        facts.recoveries.push(Noted {
            at: noon() + days(after),
            recorded_at: noon() + days(20),
        });
    }
    let now = noon() + days(20);
    now_is(&mut facts, record(now, false));
    assert_eq!(shows(&mut facts, &policy, now).1, [ReasonCode::R01]);
    let until = decide(&facts, &policy, now).reasons[0].until;
    assert_eq!(until, Some(now + days(14)));
}

#[test]
fn no_rule_releases_what_was_pushed() {
    let document = serde_json::json!({
        "id": "test.releases",
        "version": "1.0.0",
        "about": "test",
        "affected": ["fact.result", "fact.sampled_at"],
        "when": {"===": [{"var": "fact.result"}, "negative"]},
        "effect": {"release": {
            "reasons": ["Y02"],
            "before": {"var": "fact.sampled_at"},
        }},
        "text": {"zh": "阴性解除", "en": "A negative test releases it"},
        "advice": {"zh": "无需操作", "en": "There is nothing to do now"},
        "contact": {"zh": "拨打 12345", "en": "Call 12345 for anything else"},
    });
    let read = |reasons: serde_json::Value| {
        let mut document = document.clone();
        document["effect"]["release"]["reasons"] = reasons;
        Rule::read(&serde_json::from_value(document).unwrap(), &province())
    };
    assert!(read(serde_json::json!(["R08"])).is_err());
    let rule = read(serde_json::json!(["Y02"])).unwrap();
    let mut policy = shipped();
    policy.rules.push(Arc::new(rule));
    let pushed = What::Push {
        at: noon(),
        colour: Colour::Yellow,
        origin: Division::try_from("110000".to_owned()).unwrap(),
    };
    let mut facts = with(finding(pushed, "fact/1"));
    facts
        .findings
        .push(test(noon(), TestResult::Positive, false));
    shows(&mut facts, &policy, noon());
    assert_eq!(counted(&facts, ReasonCode::Y02), (2, 2));
    let later = noon() + days(1);
    facts
        .findings
        .push(test(later, TestResult::Negative, false));
    assert_eq!(
        shows(&mut facts, &policy, later),
        (Colour::Yellow, vec![ReasonCode::Y02])
    );
    assert_eq!(counted(&facts, ReasonCode::Y02), (2, 1));
}
