use super::*;

#[test]
fn a_verified_person_who_declared_that_they_are_well_is_green() {
    let policy = shipped();
    assert_eq!(
        shows(&mut healthy(), &policy, noon()),
        (Colour::Green, vec![])
    );
}

#[test]
fn a_code_is_grey_until_the_comparison_has_run_and_without_a_verified_identity() {
    let policy = shipped();
    let unknown = Facts {
        verified: false,
        ..healthy()
    };
    let waiting = Facts {
        compared: false,
        ..healthy()
    };
    assert_eq!(colour(&unknown, &policy, noon()), Colour::Grey);
    assert_eq!(colour(&waiting, &policy, noon()), Colour::Grey);
}

#[test]
fn declaring_again_does_not_hide_a_yellow_code_behind_grey() {
    let policy = shipped();
    let mut facts = with(arrival("2020-03-10"));
    shows(&mut facts, &policy, noon());
    facts.compared = false;
    assert_eq!(colour(&facts, &policy, noon()), Colour::Yellow);
}

#[test]
fn feeling_unwell_is_yellow_until_a_newer_record_is_well() {
    let policy = shipped();
    let mut facts = healthy();
    now_is(&mut facts, record(noon(), true));
    assert_eq!(
        shows(&mut facts, &policy, noon()),
        (Colour::Yellow, vec![ReasonCode::Y01])
    );
    let tomorrow = noon() + days(1);
    now_is(&mut facts, record(tomorrow, true));
    assert_eq!(
        shows(&mut facts, &policy, tomorrow),
        (Colour::Yellow, vec![ReasonCode::Y01]),
        "the same once more"
    );
    now_is(&mut facts, record(noon() + days(2), false));
    assert_eq!(
        shows(&mut facts, &policy, noon() + days(2)),
        (Colour::Green, vec![])
    );
}

#[test]
fn a_record_goes_stale_at_the_beginning_of_its_fifteenth_day() {
    let policy = shipped();
    let stale_at = at("2020-03-23T16:00:00Z");
    let last_moment = stale_at - TimeDelta::milliseconds(1);
    assert_eq!(colour(&healthy(), &policy, last_moment), Colour::Green);
    let stale = decide(&healthy(), &policy, stale_at);
    let [reason] = &stale.reasons[..] else {
        panic!("{stale:?}");
    };
    assert_eq!(
        (stale.colour, reason.code),
        (Colour::Yellow, ReasonCode::Y06)
    );
    assert_eq!(reason.since, Some(stale_at));
    assert_eq!(
        decide(&healthy(), &policy, noon()).next_change_at,
        Some(stale_at)
    );
}

#[test]
fn an_arrival_is_observed_for_fourteen_days_with_daily_reports_and_then_green() {
    let policy = shipped();
    let mut facts = with(arrival("2020-03-10"));
    assert_eq!(shows(&mut facts, &policy, noon()).0, Colour::Yellow);
    let end = midnight("2020-03-24".parse().unwrap());
    let verdict = decide(&facts, &policy, noon());
    assert_eq!(verdict.reasons[0].until, Some(end));
    assert_eq!(
        verdict.next_change_at,
        Some(end.min(at("2020-03-23T16:00:00Z")))
    );

    let first = local_date(noon());
    facts.days_reported = (0..14).map(|day| first + days(day)).collect();
    now_is(&mut facts, record(end - TimeDelta::hours(1), false));
    let early = end - TimeDelta::milliseconds(1);
    assert_eq!(shows(&mut facts.clone(), &policy, early).0, Colour::Yellow);
    assert_eq!(shows(&mut facts.clone(), &policy, end).0, Colour::Green);

    facts.days_reported.pop();
    assert_eq!(
        shows(&mut facts, &policy, end).0,
        Colour::Yellow,
        "a day was not reported"
    );
    let [(_, missing)] = &missing(&facts, &policy, end)[..] else {
        panic!("one hold");
    };
    assert_eq!(missing.len(), 1);
    assert_eq!(
        decide(&facts, &policy, end).next_change_at,
        Some(end + days(13)),
        "only the record ages"
    );
}

#[test]
fn the_same_arrival_declared_again_adds_nothing_and_a_later_one_its_own_length() {
    let policy = shipped();
    let mut facts = with(arrival("2020-03-08"));
    shows(&mut facts, &policy, noon());
    let mut again = arrival("2020-03-08");
    again.evidence = "declaration/again".into();
    facts.findings.push(again);
    shows(&mut facts, &policy, noon());
    assert_eq!(facts.holds.len(), 1);
    facts.findings.push(arrival("2020-03-10"));
    shows(&mut facts, &policy, noon());
    assert_eq!(facts.holds.len(), 2);
}

#[test]
fn a_contact_is_red_then_watched_at_home_and_green_once_a_test_says_so() {
    let policy = shipped();
    let exposed = noon();
    let mut facts = with(contact(exposed, "fact/1"));
    assert_eq!(
        shows(&mut facts, &policy, noon()),
        (Colour::Red, vec![ReasonCode::R03])
    );
    let home = exposed + days(14);
    now_is(&mut facts, record(home, false));
    assert_eq!(
        decide(&facts, &policy, home - days(1)).next_change_at,
        Some(home)
    );
    assert_eq!(
        shows(&mut facts, &policy, home),
        (Colour::Yellow, vec![ReasonCode::Y05])
    );
    let watched = &decide(&facts, &policy, home).reasons[0];
    assert_eq!(watched.until, Some(home + days(7)));
    assert_eq!(watched.evidence.as_deref(), Some("fact/1"));

    let over = home + days(7);
    assert_eq!(
        shows(&mut facts, &policy, over).0,
        Colour::Yellow,
        "no test yet"
    );
    facts.findings.push(test(over, TestResult::Negative, true));
    assert_eq!(shows(&mut facts, &policy, over), (Colour::Green, vec![]));
    assert_eq!(facts.holds.len(), 2);
}

#[test]
fn what_is_taken_back_ends_its_hold_and_nothing_follows() {
    let policy = shipped();
    let mut facts = with(contact(noon(), "fact/1"));
    shows(&mut facts, &policy, noon());
    facts.findings[1].withdrawn_at = Some(noon() + days(1));
    assert_eq!(colour(&facts, &policy, noon()), Colour::Red);
    let later = noon() + days(1);
    assert_eq!(shows(&mut facts, &policy, later), (Colour::Green, vec![]));
    assert_eq!(facts.holds[0].released.as_ref().unwrap().by, "fact/1");
    assert_eq!(facts.holds.len(), 1);
}

#[test]
fn what_follows_a_hold_ends_too_once_its_evidence_is_taken_back() {
    let policy = shipped();
    let mut facts = with(contact(noon(), "fact/1"));
    shows(&mut facts, &policy, noon());
    let home = noon() + days(14);
    now_is(&mut facts, record(home, false));
    assert_eq!(shows(&mut facts, &policy, home).0, Colour::Yellow);
    for found in &mut facts.findings {
        if found.evidence == "fact/1" {
            found.withdrawn_at = Some(home);
        }
    }
    assert_eq!(shows(&mut facts, &policy, home), (Colour::Green, vec![]));
}

#[test]
fn a_positive_tube_of_several_waits_for_a_single_one() {
    let policy = shipped();
    let mut facts = with(test(noon(), TestResult::Positive, false));
    assert_eq!(
        shows(&mut facts, &policy, noon()),
        (Colour::Yellow, vec![ReasonCode::Y02])
    );
    let later = noon() + days(1);
    let mut positive = facts.clone();
    facts.findings.push(test(later, TestResult::Negative, true));
    assert_eq!(shows(&mut facts, &policy, later), (Colour::Green, vec![]));
    positive
        .findings
        .push(test(later, TestResult::Positive, true));
    assert_eq!(
        shows(&mut positive, &policy, later),
        (Colour::Red, vec![ReasonCode::R02])
    );
}

#[test]
fn a_report_that_is_corrected_ends_what_was_found_in_it() {
    let policy = shipped();
    let mut facts = with(test(noon(), TestResult::Positive, true));
    assert_eq!(shows(&mut facts, &policy, noon()).0, Colour::Red);
    let What::Test(tested) = &mut facts.findings[1].what else {
        panic!("a test");
    };
    tested.result = TestResult::Inconclusive;
    facts.findings[1].recorded_at = noon() + days(1);
    assert_eq!(
        shows(&mut facts, &policy, noon() + days(1)),
        (Colour::Green, vec![])
    );
    assert_eq!(
        facts.holds[0].released.as_ref().unwrap().by,
        facts.holds[0].evidence
    );
}

#[test]
fn only_who_pushed_takes_it_back() {
    let policy = shipped();
    let push = |origin: &str| What::Push {
        at: noon(),
        colour: Colour::Red,
        origin: Division::try_from(origin.to_owned()).unwrap(),
    };
    let mut facts = with(finding(push("110000"), "fact/1"));
    facts.findings.push(finding(push("320000"), "fact/2"));
    assert_eq!(
        shows(&mut facts, &policy, noon()),
        (Colour::Red, vec![ReasonCode::R08, ReasonCode::R08])
    );
    let year = noon() + days(365);
    now_is(&mut facts, record(year, false));
    facts.findings.push(test(year, TestResult::Negative, true));
    assert_eq!(shows(&mut facts, &policy, year).0, Colour::Red);
    for (evidence, left) in [("fact/1", Colour::Red), ("fact/2", Colour::Green)] {
        let mut named = facts.findings.iter_mut();
        named
            .find(|found| found.evidence == evidence)
            .unwrap()
            .withdrawn_at = Some(year);
        assert_eq!(shows(&mut facts, &policy, year).0, left);
    }
}

#[test]
fn a_sealed_area_holds_until_it_is_unsealed_and_a_week_more() {
    let policy = shipped();
    let inside = |lifted_at: Option<DateTime<Utc>>| What::RiskStay {
        level: entity::values::RiskLevel::Sealed,
        from: noon(),
        until: lifted_at,
        lifted_at,
    };
    let mut facts = with(finding(inside(None), "risk_area/1"));
    assert_eq!(
        shows(&mut facts, &policy, noon()),
        (Colour::Red, vec![ReasonCode::R07])
    );
    assert_eq!(decide(&facts, &policy, noon()).reasons[0].until, None);

    let unsealed = noon() + days(5);
    facts.findings[1].what = inside(Some(unsealed));
    assert_eq!(shows(&mut facts, &policy, unsealed).0, Colour::Red);
    let verdict = decide(&facts, &policy, unsealed);
    assert_eq!(verdict.reasons[0].until, Some(unsealed + days(7)));
    assert_eq!(verdict.next_change_at, Some(unsealed + days(7)));
    assert_eq!(
        shows(&mut facts, &policy, unsealed + days(7)),
        (Colour::Green, vec![])
    );
}

#[test]
fn holds_of_a_retired_rule_end_and_those_of_an_older_version_as_it_said() {
    let mut policy = shipped();
    let mut facts = with(contact(noon(), "fact/1"));
    shows(&mut facts, &policy, noon());
    let held = facts.holds[0].clone();
    let key = (held.rule.clone(), held.rule_version.clone());
    let rule = policy
        .rules
        .iter()
        .find(|rule| rule.id == held.rule)
        .cloned();
    policy.rules.retain(|rule| rule.id != held.rule);
    let mut unknown = facts.clone();
    assert_eq!(
        shows(&mut unknown, &policy, noon()).0,
        Colour::Red,
        "nobody asked"
    );

    policy.before.insert(key.clone(), rule);
    let mut older = facts.clone();
    assert_eq!(shows(&mut older, &policy, noon()).0, Colour::Red);
    let home = noon() + days(14);
    now_is(&mut older, record(home, false));
    assert_eq!(
        shows(&mut older, &policy, home),
        (Colour::Yellow, vec![ReasonCode::Y05])
    );

    policy.before.insert(key, None);
    assert_eq!(shows(&mut facts, &policy, noon()), (Colour::Green, vec![]));
    assert_eq!(
        facts.holds[0].released.as_ref().unwrap().by,
        "retired:contact.close@1.0.0"
    );
}

#[test]
fn a_rule_applies_where_its_scope_is() {
    let mut policy = shipped();
    for rule in &mut policy.rules {
        Arc::make_mut(rule).scope = vec![Division::try_from("310104".to_owned()).unwrap()];
    }
    let mut elsewhere = with(contact(noon(), "fact/1"));
    assert_eq!(shows(&mut elsewhere, &policy, noon()).0, Colour::Green);
    elsewhere.division = Division::try_from("310104".to_owned()).ok();
    assert_eq!(shows(&mut elsewhere, &policy, noon()).0, Colour::Red);
}

fn opened(from: Option<&str>, until: Option<&str>) -> Window {
    Window {
        from: from.map(at),
        until: until.map(at),
    }
}

#[test]
fn a_code_is_grey_until_the_region_opens_and_says_when() {
    let policy = shipped();
    let later = Facts {
        opened: opened(Some("2020-03-12T00:00:00Z"), None),
        compared: false,
        ..with(contact(noon(), "fact/1"))
    };
    assert_eq!(compare(&later, &policy, noon()), vec![]);
    let verdict = decide(&later, &policy, noon());
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
    assert_eq!(shows(&mut later.clone(), &policy, opened_at).0, Colour::Red);
}

#[test]
fn a_region_without_a_time_says_none_and_one_that_closed_too() {
    let policy = shipped();
    for opened in [
        opened(None, None),
        opened(Some("2020-03-01T00:00:00Z"), Some("2020-03-10T04:00:00Z")),
    ] {
        let facts = Facts {
            opened,
            ..healthy()
        };
        let verdict = decide(&facts, &policy, noon());
        assert_eq!(verdict.colour, Colour::Grey);
        assert_eq!(verdict.reasons[0].until, None);
    }
}

#[test]
fn what_was_found_before_still_shows_where_the_region_is_not_open_and_ends_as_elsewhere() {
    let policy = shipped();
    let mut facts = healthy();
    now_is(&mut facts, record(noon(), true));
    shows(&mut facts, &policy, noon());
    facts.opened = opened(None, None);
    assert_eq!(shows(&mut facts, &policy, noon()).0, Colour::Yellow);
    now_is(&mut facts, record(noon(), false));
    assert_eq!(shows(&mut facts, &policy, noon()).0, Colour::Grey);
}

/// A decision of three people.
fn decided(effect: OverrideEffect, cause: Option<ReasonCode>, at: DateTime<Utc>) -> Finding {
    let what = What::Override {
        at,
        effect,
        ground: match effect {
            OverrideEffect::Release => OverrideGround::RecordWrong,
            OverrideEffect::Yellow | OverrideEffect::Red => OverrideGround::ExposureFound,
        },
        until: effect.worsens().then(|| at + days(2)),
        cause,
        origin: province(),
    };
    finding(what, &format!("fact/{}", at.timestamp()))
}

#[test]
fn a_worse_colour_that_was_decided_ends_when_it_was_to_end() {
    let policy = shipped();
    for (effect, code) in [
        (OverrideEffect::Yellow, ReasonCode::Y08),
        (OverrideEffect::Red, ReasonCode::R09),
    ] {
        let mut facts = with(decided(effect, None, noon()));
        assert_eq!(
            shows(&mut facts, &policy, noon()),
            (code.colour(), vec![code])
        );
        let verdict = decide(&facts, &policy, noon());
        assert_eq!(verdict.reasons[0].until, Some(noon() + days(2)));
        assert_eq!(verdict.next_change_at, Some(noon() + days(2)));
        let end = noon() + days(2);
        assert_eq!(
            shows(&mut facts.clone(), &policy, end - TimeDelta::seconds(1)).0,
            code.colour()
        );
        assert_eq!(
            shows(&mut facts, &policy, end),
            (Colour::Green, vec![]),
            "and nothing follows"
        );
    }
}

#[test]
fn a_release_that_was_decided_ends_the_cause_that_it_names_and_no_other() {
    let policy = shipped();
    let mut facts = with(contact(noon() - days(1), "fact/contact"));
    let companion = What::Companion {
        exposed_at: noon() - days(1),
    };
    facts.findings.push(finding(companion, "fact/companion"));
    let both = vec![ReasonCode::R03, ReasonCode::Y02];
    assert_eq!(shows(&mut facts, &policy, noon()), (Colour::Red, both));
    let later = noon() + TimeDelta::hours(1);
    let release = decided(OverrideEffect::Release, Some(ReasonCode::R03), later);
    facts.findings.push(release);
    let left = vec![ReasonCode::Y02, ReasonCode::Y05];
    assert_eq!(
        shows(&mut facts, &policy, later),
        (Colour::Yellow, left.clone())
    );
    assert_eq!(
        shows(&mut facts, &policy, later + TimeDelta::hours(1)),
        (Colour::Yellow, left),
        "nor is it found again"
    );
}

#[test]
fn what_was_pushed_is_released_by_no_decision() {
    let policy = shipped();
    let push = What::Push {
        at: noon(),
        colour: Colour::Yellow,
        origin: Division::try_from("110000".to_owned()).unwrap(),
    };
    let mut facts = with(finding(push, "fact/push"));
    shows(&mut facts, &policy, noon());
    let later = noon() + TimeDelta::hours(1);
    let release = decided(OverrideEffect::Release, Some(ReasonCode::Y02), later);
    facts.findings.push(release);
    assert_eq!(
        shows(&mut facts, &policy, later),
        (Colour::Yellow, vec![ReasonCode::Y02])
    );
}
