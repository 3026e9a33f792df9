//! What keeps a colour from being turned by fewer people, in other places, or without evidence.

use api::{
    facts::{self, NewFact, Recorded},
    platform::db::begin_write,
};
use chrono::TimeDelta;
use entity::{
    staff_account, staff_grant,
    values::{Division, FactKind, Role, TestResult},
};
use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, Session, ZHANG},
    on_both_stacks,
};
use reqwest::Method;
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use serde_json::{Value, json};

use super::{
    OVERRIDES, approved, asked, colour, decisions, not_approved, now, office, on_record, red,
    release, row, works_for, zhang_in_doubt,
};
use crate::corrections::{WORDS, contact, person, tested};

fn fault(field: &str, code: &str) -> Vec<(String, String)> {
    vec![(field.to_owned(), code.to_owned())]
}

/// Have the carrier say that `session`'s owner arrived. The name of that.
async fn arrived(backend: &Backend, session: &Session) -> String {
    let fact = NewFact {
        person: person(session),
        kind: FactKind::Arrival,
        happened_at: now(backend) - TimeDelta::days(20),
        ends_at: None,
        origin: Division::try_from("310101".to_owned()).unwrap(),
        source: "railway".into(),
        source_ref: None,
        detail: json!({"from": "domestic"}),
        recorded_by: None,
    };
    let tx = begin_write(&backend.deps.db).await.unwrap();
    let recorded = facts::record_fact(&tx, &backend.deps, fact).await.unwrap();
    let Recorded::New(fact) = recorded else {
        panic!("{recorded:?}")
    };
    tx.commit().await.unwrap();
    format!("fact/{}", fact.id)
}

on_both_stacks! {
    async fn nobody_approves_what_they_asked_for_nor_twice_nor_among_colleagues(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, evidence) = zhang_in_doubt(&backend).await;
        let office = office(&backend).await;
        // No grant lets anybody be both; were it so, it would not help.
        let both = [Role::Epidemiologist, Role::Reviewer].map(|role| backend.held(role, "310101"));
        let asks = backend.staff_with("310101", &both).await;
        let path = asked(&asks, red(&backend, &[row(&zhang, &evidence)])).await;
        assert_eq!(not_approved(&asks, &path, 403).await, "override-own");
        let refusal = format!("{path}/refusal");
        assert_eq!(asks.post(&refusal, json!({"words": WORDS})).await.problem(403), "override-own");
        assert_eq!(not_approved(&office.asks, &path, 403).await, "role-required");

        assert_eq!(approved(&office.colleague, &path).await, "waiting");
        assert_eq!(not_approved(&office.colleague, &path, 409).await, "override-approved-before");
        let second = backend.staff(Role::Reviewer, "310000").await;
        assert_eq!(not_approved(&second, &path, 403).await, "another-unit-needed");
        works_for(&backend, second.account, " 疾控中心 ").await;
        assert_eq!(not_approved(&second, &path, 403).await, "another-unit-needed");
        let tired = backend.staff_without_step_up(Role::Reviewer, "310100").await;
        assert_eq!(not_approved(&tired, &path, 403).await, "step-up-needed");
        assert_eq!(decisions(&backend).await, []);
        assert_eq!(colour(&backend, &zhang).await, "green");
        assert_eq!(approved(&office.other, &path).await, "applied");
    }

    async fn nobody_approves_what_somebody_asked_whom_they_brought_here(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, evidence) = zhang_in_doubt(&backend).await;
        let office = office(&backend).await;
        let path = asked(&office.asks, red(&backend, &[row(&zhang, &evidence)])).await;
        let invited = staff_account::ActiveModel {
            id: Set(office.asks.account),
            invited_by: Set(Some(office.other.account)),
            ..Default::default()
        };
        invited.update(&backend.deps.db).await.unwrap();
        assert_eq!(not_approved(&office.other, &path, 403).await, "override-related");

        let reports = backend.staff(Role::Reviewer, "310100").await;
        let held = backend.held(Role::Reviewer, "310104");
        let grant = staff_grant::ActiveModel {
            id: Set(backend.give(reports.account, &held).await),
            requested_by: Set(Some(office.asks.account)),
            ..Default::default()
        };
        grant.update(&backend.deps.db).await.unwrap();
        assert_eq!(not_approved(&reports, &path, 403).await, "override-related");
    }

    async fn an_approval_of_somebody_who_is_suspended_does_not_count(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, evidence) = zhang_in_doubt(&backend).await;
        let office = office(&backend).await;
        let path = asked(&office.asks, red(&backend, &[row(&zhang, &evidence)])).await;
        assert_eq!(approved(&office.colleague, &path).await, "waiting");
        let suspend = async |account, at| {
            let change = staff_account::ActiveModel {
                id: Set(account),
                suspended_at: Set(at),
                ..Default::default()
            };
            change.update(&backend.deps.db).await.unwrap();
        };
        suspend(office.colleague.account, Some(now(&backend))).await;
        suspend(office.asks.account, Some(now(&backend))).await;
        assert_eq!(not_approved(&office.other, &path, 409).await, "override-requester-gone");
        suspend(office.asks.account, None).await;
        assert_eq!(approved(&office.other, &path).await, "waiting", "the first");
        let third = backend.staff(Role::Reviewer, "310101").await;
        assert_eq!(approved(&third, &path).await, "applied");
    }

    async fn another_regions_request_answers_as_a_missing_one(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, evidence) = zhang_in_doubt(&backend).await;
        let office = office(&backend).await;
        let path = asked(&office.asks, red(&backend, &[row(&zhang, &evidence)])).await;
        let id = path.rsplit('/').next().unwrap();
        let elsewhere = backend.staff(Role::Reviewer, "310104").await;
        let words = json!({"words": WORDS});
        let why = json!({"reason": "not_true", "words": WORDS});
        for (method, what, body) in [
            (Method::GET, "", Value::Null),
            (Method::POST, "/approvals", json!({})),
            (Method::POST, "/refusal", words),
            (Method::POST, "/withdrawal", why),
        ] {
            elsewhere.sees_nothing_at(method, &format!("{path}{what}"), id, &body).await;
        }
        assert_eq!(elsewhere.get(OVERRIDES).await.ok()["items"], json!([]));

        let asks = backend.staff(Role::Epidemiologist, "310104").await;
        let refused = asks.post(OVERRIDES, red(&backend, &[row(&zhang, &evidence)])).await;
        assert_eq!(refused.problem(422), "invalid-request");
        assert_eq!(refused.faults(), fault("people[0].person", "unknown"));
    }

    async fn each_row_rests_on_evidence_of_its_own_person(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, evidence) = zhang_in_doubt(&backend).await;
        let grandmother = backend.green("13900139000", GRANDMOTHER).await;
        let exposed = contact(&backend, &grandmother, "310101").await;
        let office = office(&backend).await;
        let ours = row(&zhang, &evidence);
        let free = row(&grandmother, "听说到过郑州");
        let nothing = row(&grandmother, "fact/00000000-0000-4000-8000-000000000000");
        for (people, field, code) in [
            ([ours.clone(), row(&grandmother, &evidence)], "people[1].evidence", "not_on_record"),
            ([row(&zhang, &exposed), row(&grandmother, &exposed)], "people[0].evidence", "not_on_record"),
            ([ours.clone(), nothing], "people[1].evidence", "not_on_record"),
            ([ours.clone(), ours.clone()], "people[1].person", "repeated"),
        ] {
            let refused = office.asks.post(OVERRIDES, red(&backend, &people)).await;
            assert_eq!(refused.problem(422), "invalid-request");
            assert_eq!(refused.faults(), fault(field, code));
        }
        office.asks.post(OVERRIDES, red(&backend, &[ours.clone(), free])).await.problem(422);
        // What was taken back is no evidence any more.
        let withdrawal = format!("/v1/staff/facts/{}/withdrawal", exposed.trim_start_matches("fact/"));
        office.asks.post(&withdrawal, json!({"reason": "not_true"})).await.ok();
        let refused = office.asks.post(OVERRIDES, red(&backend, &[row(&grandmother, &exposed)])).await;
        assert_eq!(refused.faults(), fault("people[0].evidence", "not_on_record"));
        assert_eq!(on_record(&backend).await, [], "nothing was asked for");
    }

    async fn whoever_is_named_by_a_request_that_waits_is_named_by_no_other(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, evidence) = zhang_in_doubt(&backend).await;
        let office = office(&backend).await;
        let what = || red(&backend, &[row(&zhang, &evidence)]);
        let path = asked(&office.asks, what()).await;
        let refused = office.asks.post(OVERRIDES, what()).await;
        assert_eq!(refused.faults(), fault("people[0].person", "waits"));
        let why = json!({"reason": "entered_in_error", "words": WORDS});
        let withdrawal = format!("{path}/withdrawal");
        assert_eq!(office.other.post(&withdrawal, why.clone()).await.problem(403), "override-not-yours");
        assert_eq!(office.asks.post(&withdrawal, why).await.ok()["state"], "withdrawn");

        let path = asked(&office.asks, what()).await;
        let refusal = format!("{path}/refusal");
        let refused = office.other.post(&refusal, json!({"words": WORDS})).await.ok();
        assert_eq!(refused["state"], "refused");
        assert_eq!(not_approved(&office.colleague, &path, 409).await, "override-closed");
        assert_eq!(decisions(&backend).await, []);

        let waiting = office.other.get(&format!("{OVERRIDES}?state=waiting")).await.ok();
        assert_eq!(waiting["items"], json!([]));
        let first = office.other.get(&format!("{OVERRIDES}?limit=1")).await.ok();
        let next = first["next"].as_str().unwrap();
        let second = office.other.get(&format!("{OVERRIDES}?limit=1&after={next}")).await.ok();
        let item = &second["items"][0];
        assert_eq!((&item["people"], &item["evidence"]), (&json!(1), &json!(["nucleic_acid_test"])));
        let seen = office.other.get(&path).await.ok();
        assert!(!seen.to_string().contains(ZHANG.name) && !seen.to_string().contains(ZHANG.number));
        assert!(on_record(&backend).await.contains(&("staff".into(), "override_read".into())));
    }

    async fn what_may_be_asked_for_has_a_ground_and_an_end(stack: Stack) {
        let backend = Backend::start_with(stack, |config| config.overrides.longest_days = 2).await;
        let (zhang, evidence) = zhang_in_doubt(&backend).await;
        let office = office(&backend).await;
        let right = red(&backend, &[row(&zhang, &evidence)]);
        let day = TimeDelta::days(1);
        for (field, value, code) in [
            ("until", Value::Null, "required"),
            ("until", json!(now(&backend)), "past"),
            ("until", json!(now(&backend) + day * 2 + TimeDelta::seconds(1)), "too_far"),
            ("ground", json!("record_wrong"), "effect"),
            ("cause", json!("R03"), "effect"),
        ] {
            let mut wrong = right.clone();
            wrong[field] = value;
            let refused = office.asks.post(OVERRIDES, wrong).await;
            assert_eq!(refused.problem(422), "invalid-request");
            assert_eq!(refused.faults(), fault(field, code));
        }
        let refused = office.asks.post(OVERRIDES, release("R08", &row(&zhang, &evidence))).await;
        assert_eq!(refused.faults(), fault("cause", "not_released"));
        asked(&office.asks, right).await;
    }

    async fn zhengzhou_1317_people_are_not_turned_red_without_a_reason(stack: Stack) {
        let backend = Backend::start_with(stack, |config| config.overrides.open_requests = 50).await;
        let office = office(&backend).await;
        let depositor = backend.green("13800138000", ZHANG).await;
        let arrival = arrived(&backend, &depositor).await;
        let somebody = |_| json!({"person": depositor.person, "evidence": arrival});

        // The bank's list, at once and in part.
        let list: Vec<Value> = (0..1_317).map(somebody).collect();
        office.asks.post(OVERRIDES, red(&backend, &list)).await.problem(413);
        let refused = office.asks.post(OVERRIDES, red(&backend, &list[..51])).await;
        assert_eq!(refused.problem(422), "invalid-request");
        assert_eq!(refused.faults(), fault("people", "length"));
        // One of them, who came by train.
        let refused = office.asks.post(OVERRIDES, red(&backend, &list[..1])).await;
        assert_eq!(refused.faults(), fault("people[0].evidence", "shows_nothing"));
        // By a hand, or a file.
        let fact = json!({
            "document_kind": "resident_card", "document_number": ZHANG.number, "kind": "override",
            "happened_at": now(&backend), "ends_at": now(&backend) + TimeDelta::days(1),
            "detail": {"effect": "red", "ground": "exposure_found"},
        });
        let refused = office.asks.post("/v1/staff/facts", fact).await;
        assert_eq!(refused.problem(403), "fact-override-by-hand");
        assert_eq!(api::facts::import::Kind::of_name("override"), None);

        // Nor fifty-one a day whose evidence is right, by one person.
        tested(&backend, &depositor, "T1", TestResult::Inconclusive).await;
        let right = || red(&backend, &[row(&depositor, "test/lab-1/T1")]);
        for _ in 0..50 {
            let path = asked(&office.asks, right()).await;
            office.other.post(&format!("{path}/refusal"), json!({"words": WORDS})).await.ok();
        }
        let refused = office.asks.post(OVERRIDES, right()).await;
        assert_eq!(refused.problem(429), "facts-too-many-by-hand");
        assert_eq!(decisions(&backend).await, []);
        assert_eq!(colour(&backend, &depositor).await, "green");
    }
}
