//! Who arrives is observed for fourteen days, reports every day, and then carries a green card.

use chrono::{Days, NaiveDate};
use integration_tests::{
    Backend,
    backend::{Session, ZHANG},
    on_both_stacks,
};
use serde_json::{Value, json};

use super::rig::{
    self, PHONE, apply, approve, arrived, ask, at_gate, card_of, cards_of, decision, declare,
    issuer, settle, with_card,
};

async fn check_in(backend: &Backend, session: &Session, temperature: f64) {
    let path = format!("/v1/people/{}/check-ins", session.person);
    let report = json!({"temperature": temperature, "symptoms": []});
    backend.as_citizen(session).post(&path, report).await.ok();
    settle(backend).await;
}

async fn noon_of(backend: &Backend, days: u64) -> Session {
    let day = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap() + Days::new(days);
    backend.wait_until(&format!("{day}T12:00:00+08:00"));
    settle(backend).await;
    backend.log_in(PHONE).await
}

on_both_stacks! {
    async fn who_arrived_declares_it_before_they_tell_the_community(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let mut wanted = rig::application();
        wanted["arrival"] = json!({"from": {"division": "420106"}, "on": "2026-03-02"});
        let refused = ask(&backend, &zhang, wanted.clone()).await;
        assert_eq!(refused.problem(409), "arrival-not-declared");
        declare(&backend, &zhang, arrived()).await;
        assert_eq!(ask(&backend, &zhang, wanted).await.status, 201);
    }

    async fn who_lives_in_another_province_declares_anew_first(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community("370102001001").await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let wanted = json!({"community": "370102001001", "confirmed_true": true});
        assert_eq!(ask(&backend, &zhang, wanted).await.problem(409), "declared-elsewhere");
    }

    async fn an_arrival_is_yellow_reports_for_fourteen_days_and_carries_a_green_card(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        let zhang = backend.verified(PHONE, ZHANG).await;
        declare(&backend, &zhang, arrived()).await;
        let filed = apply(&backend, &zhang).await;
        assert_eq!(filed["comparison"]["colour"], "yellow");
        approve(&issuer(&backend).await, &filed).await.ok();
        let card = card_of(&backend, &zhang).await;
        assert_eq!((&card["state"], &card["because"]), (&json!("observing"), &json!("observation")));
        for nothing_yet in ["valid_from", "valid_until", "token"] {
            assert_eq!(card[nothing_yet], Value::Null, "{nothing_yet}");
        }

        for day in 1..14 {
            let zhang = noon_of(&backend, day).await;
            check_in(&backend, &zhang, 36.5).await;
            assert_eq!(card_of(&backend, &zhang).await["state"], "observing", "day {day}");
        }
        backend.wait_until("2026-03-16T00:00:00+08:00");
        settle(&backend).await;
        let zhang = backend.log_in(PHONE).await;
        let card = card_of(&backend, &zhang).await;
        assert_eq!((&card["state"], &card["because"]), (&json!("active"), &Value::Null));
        assert_eq!(card["valid_from"], "2026-03-15T16:00:00Z");
        assert_eq!(card["valid_until"], "2026-03-29T16:00:00Z", "fourteen days from then on");
        assert_eq!(cards_of(&backend, &zhang).await.len(), 1, "nobody had to ask again");
        let answer = at_gate(&backend, &card["token"], Some(36.5)).await;
        assert_eq!(answer["decision"], "pass");
    }

    async fn a_card_rests_while_its_holder_is_not_green_and_is_back_when_they_are(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        let (zhang, _) = with_card(&backend, PHONE, ZHANG).await;
        let card = card_of(&backend, &zhang).await;
        check_in(&backend, &zhang, 38.5).await;
        let answer = at_gate(&backend, &card["token"], Some(36.5)).await;
        assert_eq!(decision(&answer), (&json!("stop"), &json!("card_does_not_count")));
        let told = &answer["card"];
        let told = (&told["counts"], &told["masked_name"], &told["valid_until"]);
        assert_eq!(told, (&json!(false), &Value::Null, &Value::Null), "why is the holder's to know");
        let resting = card_of(&backend, &zhang).await;
        assert_eq!((&resting["state"], &resting["because"]), (&json!("suspended"), &json!("colour")));
        assert_eq!(resting["token"], Value::Null);
        assert_eq!(resting["valid_until"], card["valid_until"]);

        let mut day = 0;
        let back = loop {
            day += 1;
            let zhang = noon_of(&backend, day).await;
            check_in(&backend, &zhang, 36.5).await;
            let card = card_of(&backend, &zhang).await;
            if card["colour"] == "green" {
                break card;
            }
            assert_eq!(card["state"], "suspended");
            assert!(day < 13, "still not green");
        };
        assert_eq!(back["state"], "active");
        let answer = at_gate(&backend, &card["token"], Some(36.5)).await;
        assert_eq!(answer["decision"], "pass", "the same paper counts again");
    }
}
