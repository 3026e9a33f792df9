use entity::values::ContactResult;
use serde_json::{Value, json};

use super::*;

const SHIPPED: [&str; 7] = [
    include_str!("../../shipped/complaint.json"),
    include_str!("../../shipped/pass_card_online.json"),
    include_str!("../../shipped/pass_card_window.json"),
    include_str!("../../shipped/complaint_prefecture.json"),
    include_str!("../../shipped/complaint_province.json"),
    include_str!("../../shipped/work_hubei.json"),
    include_str!("../../shipped/work_shanghai.json"),
];

/// Two stages: a community decides, or asks the applicant.
fn document() -> Value {
    json!({
        "key": "mine", "version": 1, "subject": "pass_card",
        "title": {"zh": "流程", "en": "A workflow"}, "first": "community",
        "stages": [
            {
                "key": "community", "title": {"zh": "社区", "en": "Community"}, "waits_for": "person",
                "decider": {"role": "community_issuer", "where": "community"},
                "actions": [
                    {"action": "approve", "to": {"outcome": "approved"}},
                    {"action": "refuse", "to": {"outcome": "refused"}, "evidence": ["reason"],
                        "reasons": [{"code": "symptoms", "zh": "症状", "en": "Symptoms"}]},
                    {"action": "ask", "to": {"stage": "applicant"}},
                ],
                "clock": {"limit": {"working_minutes": 60}, "when_out": {"remind": 60}},
            },
            {
                "key": "applicant", "title": {"zh": "申请人", "en": "Applicant"}, "waits_for": "applicant",
                "actions": [{"action": "resubmit", "to": "back"}],
                "clock": {"limit": {"minutes": 60}, "when_out": {"decide": {"outcome": "lapsed", "at": "now"}}},
            },
        ],
    })
}

fn flaws(document: &Value) -> Vec<Flaw> {
    let workflow: Workflow = serde_json::from_value(document.clone()).unwrap();
    workflow.flaws()
}

/// What is wrong once what `pointer` leads to is `value`.
fn with(pointer: &str, value: Value) -> Vec<Flaw> {
    let mut document = document();
    *document.pointer_mut(pointer).unwrap() = value;
    flaws(&document)
}

#[test]
fn what_is_shipped_can_be_followed() {
    for text in SHIPPED {
        let workflow: Workflow = serde_json::from_str(text).unwrap();
        assert_eq!(workflow.flaws(), [], "{}", workflow.key);
        let again = serde_json::to_string(&workflow).unwrap();
        assert_eq!(serde_json::from_str::<Workflow>(&again).unwrap(), workflow);
    }
    assert_eq!(flaws(&document()), []);
}

#[test]
fn not_knowing_an_applicant_is_no_reason_to_refuse_them() {
    let listed = |text: &str| {
        let workflow: Workflow = serde_json::from_str(text).unwrap();
        let refusals = workflow.stages.iter().filter_map(|stage| {
            let rule = stage.action(CaseAction::Refuse)?;
            Some(
                rule.reasons
                    .iter()
                    .map(|reason| reason.code.clone())
                    .collect::<Vec<_>>(),
            )
        });
        refusals.collect::<BTreeSet<_>>()
    };
    let closed = [
        "false_declaration",
        "contact_confirmed",
        "arrived_from_risk_area",
        "symptoms",
        "wrong_community",
        "duplicate",
        "not_reachable",
    ];
    let closed = BTreeSet::from([closed.map(str::to_owned).to_vec()]);
    assert_eq!(listed(SHIPPED[1]), closed);
    assert_eq!(listed(SHIPPED[2]), closed);
}

#[test]
fn a_dead_end_is_found_however_far_it_lies() {
    let lost = Flaw::DeadEnd("community".into());
    assert_eq!(
        with("/stages/0/actions", json!([])),
        [Flaw::Unreachable("applicant".into()), lost,]
    );
    // Two stages that only lead to each other.
    let mut document = document();
    document["stages"][0]["actions"] = json!([{"action": "ask", "to": {"stage": "applicant"}}]);
    document["stages"][1]["clock"]["when_out"] = json!({"escalate": "community"});
    let both = ["applicant", "community"].map(|key| Flaw::DeadEnd(key.into()));
    assert_eq!(flaws(&document), both);
}

#[test]
fn a_stage_that_nothing_leads_to_and_a_way_that_leads_nowhere_are_found() {
    let found = with("/stages/0/actions/2/to/stage", json!("elsewhere"));
    let nowhere = Flaw::NoSuchStage {
        from: "community".into(),
        to: "elsewhere".into(),
    };
    assert!(found.contains(&nowhere), "{found:?}");
    assert!(
        found.contains(&Flaw::Unreachable("applicant".into())),
        "{found:?}"
    );
    assert!(
        with("/first", json!("elsewhere")).contains(&Flaw::NoSuchStage {
            from: "mine".into(),
            to: "elsewhere".into(),
        })
    );
    assert!(with("/stages/1/key", json!("community")).contains(&Flaw::Twice("community".into())));
}

#[test]
fn somebody_can_decide_wherever_a_person_has_to() {
    let here = || "community".to_owned();
    assert_eq!(
        with("/stages/0/decider", Value::Null),
        [Flaw::NobodyDecides(here())]
    );
    let role = Role::Auditor;
    assert_eq!(
        with("/stages/0/decider/role", json!(role)),
        [Flaw::WrongRole {
            stage: here(),
            role
        }]
    );
    let mut document = document();
    document["stages"][1]["decider"] = json!({"role": "reviewer", "where": "370102"});
    assert_eq!(flaws(&document), [Flaw::IdleDecider("applicant".into())]);
}

#[test]
fn every_stage_has_a_clock_and_every_clock_a_consequence() {
    assert_eq!(
        with("/stages/0/clock", Value::Null),
        [Flaw::NoClock("community".into())]
    );
    let mut without = document();
    let clock = without.pointer_mut("/stages/0/clock").unwrap();
    clock.as_object_mut().unwrap().remove("when_out");
    assert!(serde_json::from_value::<Workflow>(without).is_err());
    for limit in [
        json!({"minutes": 0}),
        json!({"working_days": 400}),
        json!({"minutes": 999_999}),
    ] {
        let found = with("/stages/0/clock/limit", limit);
        assert_eq!(found, [Flaw::Time("community".into())]);
    }
    let late =
        json!({"limit": {"minutes": 60}, "remind_minutes_before": 60, "when_out": {"remind": 1}});
    assert_eq!(
        with("/stages/0/clock", late),
        [Flaw::Time("community".into())]
    );
}

#[test]
fn a_clock_decides_nothing_that_only_people_decide_and_says_what_else() {
    let decide = |outcome: &str, otherwise: Value| {
        let mut decide = json!({"outcome": outcome, "at": {"next_day": {"time": "18:00:00"}}});
        if !otherwise.is_null() {
            decide["otherwise"] = otherwise;
        }
        with("/stages/0/clock/when_out", json!({"decide": decide}))
    };
    let here = || "community".to_owned();
    assert_eq!(decide("by_clock", json!("applicant")), []);
    assert_eq!(decide("by_clock", Value::Null), [Flaw::NoOtherwise(here())]);
    for outcome in ["approved", "refused", "withdrawn"] {
        assert_eq!(decide(outcome, Value::Null), [Flaw::ClockOutcome(here())]);
    }
}

#[test]
fn actions_belong_to_their_stage_and_lead_where_they_may() {
    let flaw = |action| Flaw::Action {
        stage: "community".into(),
        action,
    };
    let put = |rule: Value| with("/stages/0/actions/0", rule);
    let refused_by_approving = json!({"action": "approve", "to": {"outcome": "refused"}});
    assert_eq!(put(refused_by_approving), [flaw(CaseAction::Approve)]);
    for action in [
        CaseAction::Answer,
        CaseAction::Open,
        CaseAction::Decide,
        CaseAction::Resubmit,
    ] {
        let rule = json!({"action": action, "to": {"outcome": "approved"}});
        assert_eq!(put(rule), [flaw(action)]);
    }
    let again = json!({"action": "ask", "to": {"stage": "applicant"}});
    assert_eq!(put(again), [flaw(CaseAction::Ask)]);
    let itself = json!({"action": "escalate", "to": {"stage": "community"}});
    assert_eq!(put(itself), [flaw(CaseAction::Escalate)]);
}

#[test]
fn time_goes_along_only_where_it_is_counted_alike() {
    let mut document = document();
    let mut above = document["stages"][0].clone();
    above["key"] = json!("district");
    document["stages"].as_array_mut().unwrap().push(above);
    let up = json!({"action": "escalate", "to": {"stage": "district"}});
    let actions = document["stages"][0]["actions"].as_array_mut().unwrap();
    actions.push(up);
    assert_eq!(flaws(&document), []);
    document["stages"][2]["clock"]["limit"] = json!({"minutes": 60});
    let other = Flaw::OtherTime {
        from: "community".into(),
        to: "district".into(),
    };
    assert_eq!(flaws(&document), [other]);
    document["stages"][2]["clock"] =
        json!({"limit": {"working_minutes": 60}, "from": "opening", "when_out": {"remind": 60}});
    assert_eq!(flaws(&document), [Flaw::FromOpening("district".into())]);
}

#[test]
fn what_must_not_be_decided_is_reminded_of_and_what_may_be_done_may_be_done_once() {
    let decide = |otherwise: Value| {
        let decide = json!({"outcome": "by_clock", "at": "now", "otherwise": otherwise});
        with("/stages/0/clock/when_out", json!({"decide": decide}))
    };
    assert_eq!(decide(json!({"remind": 1440})), []);
    assert_eq!(
        decide(json!({"remind": 0})),
        [Flaw::Time("community".into())]
    );
    let ask = |most: u16| json!({"action": "ask", "to": {"stage": "applicant"}, "at_most": most});
    assert_eq!(with("/stages/0/actions/2", ask(2)), []);
    let flaw = Flaw::Action {
        stage: "community".into(),
        action: CaseAction::Ask,
    };
    assert_eq!(with("/stages/0/actions/2", ask(0)), [flaw]);
}

#[test]
fn calls_of_one_hour_are_one_call() {
    let workflow: Workflow = serde_json::from_str(SHIPPED[1]).unwrap();
    let stage = workflow.stage("community").unwrap();
    let needed = |code| {
        let rule = stage.action(CaseAction::Refuse).unwrap().reason(code);
        rule.unwrap().contacts.clone().unwrap()
    };
    let start: chrono::DateTime<chrono::Utc> = "2020-03-02T04:00:00Z".parse().unwrap();
    let at = |minutes, result| (start + chrono::TimeDelta::minutes(minutes), result);
    let (not, reached) = (ContactResult::NotReached, ContactResult::Reached);
    let called = |minutes: &[i64]| {
        let calls = minutes.iter().map(|minutes| at(*minutes, not));
        needed("not_reachable").are_met_by(calls)
    };
    assert!(!called(&[0, 20, 59]));
    assert!(called(&[0, 20, 60]));
    for code in ["contact_confirmed", "false_declaration"] {
        assert!(
            !needed(code).are_met_by([at(0, not), at(90, not)]),
            "{code}"
        );
        assert!(
            needed(code).are_met_by([at(0, not), at(90, reached)]),
            "{code}"
        );
    }
}

#[test]
fn a_reason_that_is_asked_for_is_one_of_a_list() {
    let flaw = [Flaw::Reasons {
        stage: "community".into(),
        action: CaseAction::Refuse,
    }];
    assert_eq!(with("/stages/0/actions/1/reasons", json!([])), flaw);
    assert_eq!(with("/stages/0/actions/1/evidence", json!(["text"])), flaw);
    let reason = json!({"code": "symptoms", "zh": "症状", "en": "Symptoms"});
    assert_eq!(
        with("/stages/0/actions/1/reasons", json!([reason, reason])),
        flaw
    );
}

#[test]
fn names_are_short_words_and_said_in_both_languages() {
    assert_eq!(with("/key", json!("Mine")), [Flaw::Key("Mine".into())]);
    assert_eq!(with("/version", json!(0)), [Flaw::Version]);
    assert_eq!(with("/title/en", json!(" ")), [Flaw::Words("mine".into())]);
    assert_eq!(
        with("/stages/1/title/zh", json!("")),
        [Flaw::Words("applicant".into())]
    );
}

#[test]
fn what_a_document_does_not_have_is_not_overlooked() {
    let mut document = document();
    document["stages"][0]["clocks"] = json!({});
    assert!(serde_json::from_value::<Workflow>(document).is_err());
}
