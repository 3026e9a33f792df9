//! What was declared falsely is marked with its consequence, and never silently corrected.

use entity::{audit_entry, values::Role};
use integration_tests::{
    Backend,
    backend::{Session, ZHANG},
    on_both_stacks,
    staff::StaffMember,
};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::rig::{
    self, PHONE, apply, approve, at_gate, card_of, cards_of, contact, decision, issuer, read,
    settle, text,
};

const WORDS: &str = "核实得知2月28日曾在外地停留";

fn marking(evidence: &str) -> Value {
    json!({"falsehood": "residence", "text": WORDS, "evidence": evidence})
}

fn mark_path(application: &Value) -> String {
    format!(
        "/v1/staff/pass-applications/{}/false-declaration",
        text(&application["id"])
    )
}

/// Zhang with a card whose declaration was contradicted, a colleague of who found that, and the contact.
async fn contradicted(backend: &Backend) -> (Session, Value, StaffMember, String) {
    backend.community(rig::COMMUNITY).await;
    let zhang = backend.green(PHONE, ZHANG).await;
    let application = apply(backend, &zhang).await;
    let staff = issuer(backend).await;
    let contact = contact(&staff, &application, "contradicted").await;
    approve(&staff, &application).await.ok();
    let colleague = issuer(backend).await;
    (zhang, application, colleague, format!("contact/{contact}"))
}

async fn events(backend: &Backend) -> Vec<String> {
    let entries = audit_entry::Entity::find()
        .all(&backend.deps.db)
        .await
        .unwrap();
    entries.into_iter().map(|entry| entry.event).collect()
}

on_both_stacks! {
    async fn a_mark_suspends_the_card_and_says_so_and_leaves_the_declaration(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, application, staff, evidence) = contradicted(&backend).await;
        let token = card_of(&backend, &zhang).await["token"].clone();
        let declared = format!(
            "/v1/people/{}/declarations/{}",
            zhang.person, text(&application["declaration"])
        );
        let before = backend.as_citizen(&zhang).get(&declared).await.ok();
        staff.post(&mark_path(&application), marking(&evidence)).await.ok();

        let seen = read(&backend, &zhang, &application).await;
        let mark = &seen["marks"][0];
        assert_eq!((&mark["falsehood"], &mark["text"]), (&json!("residence"), &json!(WORDS)));
        assert_eq!(mark["consequences"], json!(["card_suspended", "no_card_by_clock"]));
        assert_eq!(mark["call"]["telephone"], "0531-12345678");
        let card = card_of(&backend, &zhang).await;
        assert_eq!(
            (&card["state"], &card["because"]),
            (&json!("suspended"), &json!("false_declaration"))
        );
        let answer = at_gate(&backend, &token, Some(36.5)).await;
        assert_eq!(decision(&answer), (&json!("stop"), &json!("card_does_not_count")));
        assert_eq!(backend.as_citizen(&zhang).get(&declared).await.ok(), before);
        assert!(events(&backend).await.contains(&"false_declaration_marked".to_owned()));
        for (language, words) in [
            ("zh-CN", ["居住和停留情况", "暂停使用", "可就该申请投诉"]),
            ("en", ["where they stayed", "suspended", "complain"]),
        ] {
            let page = backend.as_citizen(&zhang).in_language(language);
            let told = page.get("/v1/me/notifications").await.ok();
            let told: Vec<_> = told["items"].as_array().unwrap().iter().filter(|it| it["kind"] == "declaration_mark").collect();
            assert_eq!(told.len(), 1, "{told:?}");
            let said = told[0].to_string();
            assert!(words.iter().all(|word| said.contains(word)), "{said}");
        }
        let again = staff.post(&mark_path(&application), marking(&evidence)).await;
        assert_eq!(again.problem(409), "declaration-marked");
        let path = format!("/v1/people/{}/pass-card/replacements", zhang.person);
        let replaced = backend.as_citizen(&zhang).post(&path, json!({"reason": "lost"})).await;
        assert_eq!(replaced.problem(409), "pass-card-not-in-force");
    }

    async fn a_mark_needs_evidence(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let application = apply(&backend, &zhang).await;
        let staff = issuer(&backend).await;
        let confirmed = contact(&issuer(&backend).await, &application, "confirmed").await;
        let ones_own = contact(&staff, &application, "contradicted").await;
        let other = backend.green("13900139000", integration_tests::backend::GRANDMOTHER).await;
        let fact = crate::corrections::contact(&backend, &other, "310101").await;
        for evidence in [format!("contact/{confirmed}"), format!("contact/{ones_own}"), fact, "contact".into(), "x/y".into()] {
            let refused = staff.post(&mark_path(&application), marking(&evidence)).await;
            assert_eq!(refused.problem(422), "invalid-request", "{evidence}");
            assert_eq!(refused.faults()[0].1, "not_evidence");
        }
        let own = crate::corrections::contact(&backend, &zhang, "310101").await;
        staff.post(&mark_path(&application), marking(&own)).await.ok();
        let refused = approve(&staff, &application).await;
        assert_eq!(refused.problem(409), "declaration-marked", "nothing is granted on it");
    }

    async fn only_the_level_above_takes_a_mark_back_and_the_card_counts_again(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, application, staff, evidence) = contradicted(&backend).await;
        staff.post(&mark_path(&application), marking(&evidence)).await.ok();
        let path = format!("{}/withdrawal", mark_path(&application));
        let why = json!({"because": "另一人的行程"});
        assert_eq!(staff.post(&path, why.clone()).await.problem(403), "role-required");
        let same = backend.staff_of_community(Role::Reviewer, rig::COMMUNITY).await;
        assert_eq!(same.post(&path, why.clone()).await.problem(403), "level-above-decides");
        let elsewhere = backend.staff(Role::Reviewer, "310104").await;
        assert_eq!(elsewhere.post(&path, why.clone()).await.problem(404), "not-found");
        let above = backend.staff(Role::Reviewer, "310101").await;
        above.post(&path, why.clone()).await.ok();

        let seen = read(&backend, &zhang, &application).await;
        assert_eq!(seen["marks"][0]["lifted_because"], why["because"], "it stays on record");
        assert_eq!(seen["marks"][0]["consequences"], json!([]));
        assert_eq!(card_of(&backend, &zhang).await["state"], "active");
        let told = backend.as_citizen(&zhang).get("/v1/me/notifications").await.ok();
        let marks = told["items"].as_array().unwrap().iter().filter(|it| it["kind"] == "declaration_mark");
        assert_eq!(marks.count(), 2, "and that is told as well");
        assert_eq!(above.post(&path, why).await.problem(404), "not-found");
        assert!(events(&backend).await.contains(&"false_declaration_lifted".to_owned()));
    }

    async fn whoever_declared_falsely_gets_no_card_by_the_clock(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, application, staff, evidence) = contradicted(&backend).await;
        staff.post(&mark_path(&application), marking(&evidence)).await.ok();
        let next = apply(&backend, &zhang).await;
        for moment in ["2026-03-03T11:00:00+08:00", "2026-03-04T18:00:00+08:00"] {
            backend.wait_until(moment);
            settle(&backend).await;
        }
        let zhang = backend.log_in(PHONE).await;
        let risen = read(&backend, &zhang, &next).await;
        assert_eq!((&risen["outcome"], &risen["stage"]["stage"]), (&Value::Null, &json!("district")));
        let above = backend.staff(Role::Reviewer, "310101").await;
        approve(&above, &risen).await.ok();
        let cards = cards_of(&backend, &zhang).await;
        assert_eq!(cards.len(), 2, "a person may grant one");
        assert_eq!(card_of(&backend, &zhang).await["state"], "active");
    }
}
