//! What a code showed, and why it changed.

use chrono::TimeDelta;
use entity::values::{Role, TestResult};
use integration_tests::{
    backend::{Backend, Session, ZHANG},
    on_both_stacks,
};
use serde_json::{Value, json};

use super::{PHONE, path, reasons_of};
use crate::corrections::{file, tested};

async fn history_of(backend: &Backend, session: &Session) -> Vec<Value> {
    let page = backend.as_citizen(session);
    let listed = page.get(&path(session, "history")).await.ok();
    listed["items"].as_array().unwrap().clone()
}

async fn check_in(backend: &Backend, session: &Session, temperature: f64) {
    let path = format!("/v1/people/{}/check-ins", session.person);
    let report = json!({"temperature": temperature, "symptoms": []});
    backend.as_citizen(session).post(&path, report).await.ok();
    backend.compare().await;
}

on_both_stacks! {
    async fn a_wrong_positive_is_corrected_and_the_history_shows_both_changes(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        backend.wait(TimeDelta::minutes(1));
        tested(&backend, &zhang, "T-7", TestResult::Positive).await;
        backend.compare().await;
        let told = reasons_of(&backend, &zhang).await;
        assert_eq!(told["colour"], "red");
        let record = told["reasons"][0]["facts"][0]["record"].as_str().unwrap();
        assert_eq!(record, "test/lab-1/T-7");

        let id = file(&backend, &zhang, record).await;
        let one = format!("/v1/corrections/{id}");
        let filed = backend.as_citizen(&zhang).get(&one).await.ok();
        assert_eq!(filed["due_at"], "2026-03-04T16:00:00Z", "the end of the second working day");

        backend.wait(TimeDelta::minutes(4));
        let wu = backend.staff(Role::Reviewer, "310101").await;
        let upheld = json!({"decision": "upheld", "text": "样本登记有误，已更正"});
        wu.post(&format!("/v1/staff/corrections/{id}/decision"), upheld).await.ok();
        backend.compare().await;
        backend.wait(TimeDelta::seconds(3));
        let shown = format!("/v1/people/{}/health-code", zhang.person);
        assert_eq!(backend.as_citizen(&zhang).get(&shown).await.ok()["colour"], "green");

        let changes = history_of(&backend, &zhang).await;
        let [undone, done, first] = changes.as_slice() else { panic!("{changes:?}") };
        assert_eq!((&first["from"], &first["to"]), (&json!("grey"), &json!("green")));
        assert_eq!((&done["from"], &done["to"]), (&json!("green"), &json!("red")));
        assert_eq!(done["at"], "2026-03-02T04:01:00Z");
        assert_eq!(done["reasons"][0]["code"], "R02");
        assert_eq!(done["released"], json!([]));
        assert_eq!(done["opened"], json!([{
            "code": "R02",
            "rule": "test.positive",
            "rule_version": "1.0.0",
            "found_in": "nucleic_acid_test",
            "found_at": "2026-03-02T03:01:00Z",
            "source_region": {"division": "310000", "name": "上海市"},
            "released_by": null,
        }]));
        assert_eq!((&undone["from"], &undone["to"]), (&json!("red"), &json!("green")));
        assert_eq!(undone["at"], "2026-03-02T04:05:00Z");
        assert_eq!((&undone["reasons"], &undone["opened"]), (&json!([]), &json!([])));
        assert_eq!(undone["released"][0]["rule"], "test.positive");
        assert_eq!(undone["released"][0]["released_by"], "test/lab-1/T-7");
    }

    async fn each_change_is_kept_once_with_what_began_and_ended(stack: Stack) {
        let backend = Backend::start(stack).await;
        let mut zhang = backend.green(PHONE, ZHANG).await;
        let mut expected = vec![("grey", "green")];
        for (day, temperature, change) in [
            ("03", 38.0, Some(("green", "yellow"))),
            ("04", 38.5, None),
            ("05", 36.5, Some(("yellow", "green"))),
        ] {
            backend.wait_until(&format!("2026-03-{day}T12:00:00+08:00"));
            backend.sweep().await;
            zhang = backend.log_in(PHONE).await;
            check_in(&backend, &zhang, temperature).await;
            expected.extend(change);
        }
        let changes = history_of(&backend, &zhang).await;
        let found: Vec<_> = changes
            .iter()
            .rev()
            .map(|change| (change["from"].as_str().unwrap(), change["to"].as_str().unwrap()))
            .collect();
        assert_eq!(found, expected);
        let fever = &changes[1];
        assert_eq!(fever["opened"][0]["found_in"], "check_in");
        assert_eq!(fever["opened"][0]["code"], "Y01");
        let well = &changes[0];
        assert_eq!(well["released"][0]["code"], "Y01");
        assert!(well["released"][0]["released_by"].as_str().is_some());
    }

    async fn what_time_alone_changes_is_in_the_history(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.green(PHONE, ZHANG).await;
        backend.wait(TimeDelta::days(20));
        backend.sweep().await;
        let zhang = backend.log_in(PHONE).await;
        let changes = history_of(&backend, &zhang).await;
        assert_eq!((&changes[0]["from"], &changes[0]["to"]), (&json!("green"), &json!("yellow")));
        assert_eq!(changes[0]["reasons"][0]["code"], "Y06");
        assert_eq!(changes[0]["reasons"][0]["rule"], "record.stale");
        assert_eq!(changes[0]["opened"], json!([]), "it is no hold");
    }

    async fn pages_of_the_history_neither_skip_nor_repeat(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        for (tube, result) in [("A", TestResult::Positive), ("B", TestResult::Positive)] {
            backend.wait(TimeDelta::minutes(1));
            tested(&backend, &zhang, tube, result).await;
            backend.compare().await;
            backend.wait(TimeDelta::minutes(1));
            tested_again(&backend, &zhang, tube).await;
            backend.compare().await;
        }
        let page = backend.as_citizen(&zhang);
        let (mut seen, mut query) = (Vec::new(), "limit=2".to_owned());
        loop {
            let answer = page.get(&format!("{}?{query}", path(&zhang, "history"))).await.ok();
            let items = answer["items"].as_array().unwrap();
            seen.extend(items.iter().map(|item| item["to"].as_str().unwrap().to_owned()));
            let Some(next) = answer["next"].as_str() else { break };
            query = format!("limit=2&after={next}");
        }
        assert_eq!(seen, ["green", "red", "green", "red", "green"]);
        let answer = page.get(&format!("{}?after=x", path(&zhang, "history"))).await;
        assert_eq!(answer.faults(), [("after".to_owned(), "cursor".to_owned())]);
    }
}

/// Take the report on `tube` back, as its laboratory would.
async fn tested_again(backend: &Backend, session: &Session, tube: &str) {
    let mut report = crate::corrections::report(backend, session, tube, TestResult::Inconclusive);
    report.sampled_at -= TimeDelta::minutes(1);
    report.reported_at = backend.deps.clock.now();
    crate::corrections::record(backend, report).await;
}
