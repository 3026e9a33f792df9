//! One-time codes: what they are good for, and how little can be done with them.

use std::collections::BTreeSet;

use actix_web::{http::StatusCode, test::TestRequest};
use api::clients::SmsOutcome;
use entity::{consent, person};
use futures_util::future::join_all;
use integration_tests::{Stack, on_both_stacks};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use super::rig::{Answer, Instance, Rig, accepted, wechat};

const ZHANG: &str = "13800138000";
const LI: &str = "13900139000";

/// The same log-in with another guess.
fn guessing(login: &Value, guess: &str) -> Value {
    let mut login = login.clone();
    login["code"] = json!(guess);
    login
}

/// Some code that is not the right one.
fn wrong(login: &Value) -> Value {
    let right: u32 = login["code"].as_str().unwrap().parse().unwrap();
    guessing(login, &format!("{:06}", (right + 1) % 1_000_000))
}

async fn ask(instance: &Instance, phone: &str) -> Answer {
    instance
        .post("/login/sms-codes", json!({"phone": phone}))
        .await
}

on_both_stacks! {
    async fn a_number_logs_in_with_the_code_it_was_sent_and_stays_the_same_person(stack: Stack) {
        let (rig, instance) = Rig::start(stack).await;
        let first = rig.log_in(&instance, ZHANG).await;
        assert_eq!(first["token_type"], "Bearer");
        assert_eq!(first["expires_in"], 900);

        let me = instance.get("/me", &first).await.body();
        assert_eq!(me["phone"], "138****8000");
        assert_eq!(me["verified"], false);
        assert_eq!(me["consents"].as_array().unwrap().len(), 2);

        rig.pass(60);
        let again = rig.log_in(&instance, "+86 138 0013 8000").await;
        assert_eq!(again["person_id"], first["person_id"]);
        let db = &instance.deps.db;
        assert_eq!(person::Entity::find().count(db).await.unwrap(), 1);
        assert_eq!(consent::Entity::find().count(db).await.unwrap(), 2);
    }

    async fn a_wrong_an_old_a_used_and_a_foreign_code_are_refused_in_the_same_words(stack: Stack) {
        let (rig, instance) = Rig::start(stack).await;
        let zhang = rig.code(&instance, ZHANG).await;
        let li = rig.code(&instance, LI).await;

        let mut of_another_request = zhang.clone();
        of_another_request["request_id"] = li["request_id"].clone();
        let mut of_another_number = zhang.clone();
        of_another_number["phone"] = json!("13700137000");
        let mut with_a_foreign_code = zhang.clone();
        with_a_foreign_code["phone"] = json!(LI);
        let mut refusals = Vec::new();
        for login in [wrong(&zhang), of_another_request, of_another_number, with_a_foreign_code] {
            refusals.push(instance.post("/login/sms", login).await);
        }
        let used = instance.post("/login/sms", zhang.clone()).await;
        assert_eq!(used.status, StatusCode::OK);
        refusals.push(instance.post("/login/sms", zhang).await);
        rig.pass(300);
        refusals.push(instance.post("/login/sms", li).await);

        for refusal in &refusals {
            assert_eq!(refusal.refusal(), "401 code-refused");
            assert_eq!(refusal.text, refusals[0].text);
        }
    }

    async fn of_right_guesses_at_once_one_gets_in(stack: Stack) {
        let (rig, instance) = Rig::start(stack).await;
        let login = rig.code(&instance, ZHANG).await;
        let racers = (0..5).map(|_| instance.post("/login/sms", login.clone()));
        let won = join_all(racers).await.into_iter().filter(|answer| answer.status == StatusCode::OK);
        assert_eq!(won.count(), 1);
    }

    async fn five_guesses_are_looked_at_however_many_come_at_once(stack: Stack) {
        let (rig, instance) = Rig::start(stack).await;
        let login = rig.code(&instance, ZHANG).await;
        let guesses = (0..40).map(|_| instance.post("/login/sms", wrong(&login)));
        let answers = join_all(guesses).await;
        let looked_at = answers.iter().filter(|answer| answer.refusal() == "401 code-refused");
        assert_eq!(looked_at.count(), 5);

        let right = instance.post("/login/sms", login).await;
        assert_eq!(right.refusal(), "429 too-many-guesses");
        assert!(right.retry_after().is_some_and(|wait| wait <= 300));
    }

    async fn another_code_does_not_bring_more_guesses(stack: Stack) {
        let (rig, instance) = Rig::start(stack).await;
        let first = rig.code(&instance, ZHANG).await;
        for _ in 0..5 {
            instance.post("/login/sms", wrong(&first)).await;
        }
        rig.pass(60);
        let second = rig.code(&instance, ZHANG).await;
        assert_eq!(instance.post("/login/sms", second).await.refusal(), "429 too-many-guesses");
    }

    async fn a_code_has_five_guesses_even_when_the_window_of_its_number_turns(stack: Stack) {
        let (rig, instance) = Rig::start(stack).await;
        let first = rig.code(&instance, ZHANG).await;
        instance.post("/login/sms", wrong(&first)).await;
        rig.pass(200);
        let second = rig.code(&instance, ZHANG).await;
        for _ in 0..4 {
            assert_eq!(instance.post("/login/sms", wrong(&second)).await.refusal(), "401 code-refused");
        }
        rig.pass(150);
        assert_eq!(instance.post("/login/sms", wrong(&second)).await.refusal(), "401 code-refused");
        assert_eq!(instance.post("/login/sms", second).await.refusal(), "429 too-many-guesses");
    }

    async fn a_stranger_cannot_use_up_the_guesses_of_a_number(stack: Stack) {
        let (rig, instance) = Rig::start(stack).await;
        let login = rig.code(&instance, ZHANG).await;
        let mut strangers = login.clone();
        strangers["request_id"] = json!("5f0c0c0e-8f7f-4b52-9b5f-0d5b5f5f5f5f");
        for _ in 0..20 {
            instance.post("/login/sms", strangers.clone()).await;
        }
        assert_eq!(instance.post("/login/sms", login).await.status, StatusCode::OK);
    }

    async fn failures_in_a_row_shut_sms_until_another_factor_succeeds(stack: Stack) {
        let mut rig = Rig::new(stack).await;
        rig.login.failures_before_shut = 7;
        let instance = rig.instance().await;
        for _ in 0..2 {
            let login = rig.code(&instance, ZHANG).await;
            for _ in 0..3 {
                instance.post("/login/sms", wrong(&login)).await;
            }
            rig.pass(600);
        }
        let login = rig.code(&instance, ZHANG).await;
        assert_eq!(instance.post("/login/sms", wrong(&login)).await.refusal(), "401 code-refused");
        assert_eq!(instance.post("/login/sms", login.clone()).await.refusal(), "403 sms-login-shut");

        let other_factor = instance.post("/login/wechat", wechat("zhang", ZHANG)).await;
        assert_eq!(other_factor.status, StatusCode::OK);
        assert_eq!(instance.post("/login/sms", login).await.status, StatusCode::OK);
    }

    async fn a_success_ends_the_row_of_failures(stack: Stack) {
        let mut rig = Rig::new(stack).await;
        rig.login.failures_before_shut = 4;
        let instance = rig.instance().await;
        for _ in 0..3 {
            let login = rig.code(&instance, ZHANG).await;
            for _ in 0..3 {
                instance.post("/login/sms", wrong(&login)).await;
            }
            assert_eq!(instance.post("/login/sms", login).await.status, StatusCode::OK);
            rig.pass(600);
        }
    }

    async fn codes_are_sent_at_most_once_a_minute_five_times_an_hour_and_ten_a_day(stack: Stack) {
        let (rig, instance) = Rig::start(stack).await;
        let mut sent_after = Vec::new();
        for minute in 0..24 * 60 {
            if minute % 7 == 0 || minute == 1 {
                let answer = ask(&instance, ZHANG).await;
                if answer.status == StatusCode::ACCEPTED {
                    sent_after.push(minute);
                } else {
                    assert_eq!(answer.refusal(), "429 too-many-codes");
                }
            }
            rig.pass(60);
        }
        assert_eq!(sent_after, [0, 1, 7, 14, 21, 63, 70, 77, 84, 91]);

        let (rig, instance) = Rig::start(stack).await;
        ask(&instance, ZHANG).await;
        rig.pass(59);
        assert_eq!(ask(&instance, "+86-13800138000").await.retry_after(), Some(1));
        assert_eq!(rig.sms.count(), 1, "however the number is written");
    }

    async fn addresses_networks_devices_and_the_whole_service_have_their_limits(stack: Stack) {
        let mut rig = Rig::new(stack).await;
        rig.login.per_address.count = 2;
        rig.login.per_subnet.count = 3;
        rig.login.per_device.count = 4;
        rig.login.budget.count = 6;
        let instance = rig.instance().await;
        let asked = async |number: u32, address: &str, device: Option<&str>| {
            let peer = format!("{address}:1").parse().unwrap();
            let body = json!({"phone": format!("1380013{number:04}"), "device": device});
            let request = TestRequest::post().uri("/login/sms-codes").peer_addr(peer).set_json(body);
            instance.call(request).await
        };
        for number in 0..2 {
            let forged = asked(number, "203.0.113.1", None).await;
            assert_eq!(forged.status, StatusCode::ACCEPTED);
        }
        assert_eq!(asked(2, "203.0.113.1", None).await.refusal(), "429 too-many-codes");
        assert_eq!(asked(2, "203.0.113.2", None).await.status, StatusCode::ACCEPTED);
        assert_eq!(asked(3, "203.0.113.3", None).await.refusal(), "429 too-many-codes");
        for number in 4..7 {
            let address = format!("198.51.{number}.1");
            assert_eq!(asked(number, &address, Some("one")).await.status, StatusCode::ACCEPTED);
        }
        let spent = asked(7, "192.0.2.1", None).await;
        assert_eq!(spent.refusal(), "503 sms-unavailable", "the budget is used up");
        assert!(spent.retry_after().is_some());
        assert_eq!(rig.sms.count(), 6);
        rig.pass(3600);
        for number in 10..14 {
            let address = format!("198.51.{number}.1");
            assert_eq!(asked(number, &address, Some("two")).await.status, StatusCode::ACCEPTED);
        }
        assert_eq!(asked(14, "192.0.2.1", Some("two")).await.refusal(), "429 too-many-codes");
    }

    async fn a_known_and_an_unknown_number_look_the_same(stack: Stack) {
        let (rig, instance) = Rig::start(stack).await;
        rig.log_in(&instance, ZHANG).await;
        rig.pass(60);

        let looks = |answer: &Answer| {
            let names: BTreeSet<String> = answer.body().as_object().unwrap().keys().cloned().collect();
            let headers: BTreeSet<String> = answer.headers.keys().map(ToString::to_string).collect();
            (answer.status, answer.text.len(), names, headers)
        };
        let (known, unknown) = (ask(&instance, ZHANG).await, ask(&instance, LI).await);
        assert_eq!(looks(&known), looks(&unknown));
        let too_soon = (ask(&instance, ZHANG).await, ask(&instance, LI).await);
        assert_eq!(looks(&too_soon.0), looks(&too_soon.1));

        let guess = |phone: &str, sent: &Answer| json!({
            "request_id": sent.body()["request_id"],
            "phone": phone,
            "code": "abcdef",
            "accepted": accepted(),
        });
        let (known, unknown) = (
            instance.post("/login/sms", guess(ZHANG, &known)).await,
            instance.post("/login/sms", guess(LI, &unknown)).await,
        );
        assert_eq!(known.text, unknown.text);
        assert_eq!(looks(&known), looks(&unknown));
    }

    async fn the_store_sees_neither_numbers_nor_codes(stack: Stack) {
        let (rig, instance) = Rig::start(stack).await;
        let login = rig.code(&instance, ZHANG).await;
        let code = login["code"].as_str().unwrap().to_owned();
        instance.post("/login/sms", login).await;
        assert!(rig.store.has_seen("otp"));
        assert!(!rig.store.has_seen(ZHANG));
        assert!(!rig.store.has_seen(&format!("\0{code}\0")));
        assert!(!rig.store.has_seen(&format!("{code}\0")));
    }

    async fn without_the_store_codes_are_closed(stack: Stack) {
        let (rig, instance) = Rig::start(stack).await;
        let login = rig.code(&instance, ZHANG).await;
        rig.store.set_down(true);
        assert_eq!(ask(&instance, LI).await.refusal(), "503 sms-unavailable");
        assert_eq!(instance.post("/login/sms", login.clone()).await.refusal(), "503 sms-unavailable");
        assert_eq!(rig.sms.count(), 1);
        rig.store.set_down(false);
        assert_eq!(instance.post("/login/sms", login).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_gateway_that_does_not_send_is_told_apart_only_where_it_is_not_about_the_number() {
    let outcomes = [
        (SmsOutcome::Sent { id: "1".into() }, 202),
        (SmsOutcome::Unknown, 202),
        (SmsOutcome::BadNumber, 202),
        (SmsOutcome::RateLimited, 429),
        (SmsOutcome::Retryable, 503),
        (
            SmsOutcome::Rejected {
                code: "isv.AMOUNT_NOT_ENOUGH".into(),
            },
            503,
        ),
    ];
    let (rig, instance) = Rig::start(Stack::Embedded).await;
    for (outcome, status) in outcomes {
        rig.sms.answer_with(outcome.clone());
        let answer = ask(&instance, ZHANG).await;
        assert_eq!(answer.status.as_u16(), status, "{outcome:?}");
        assert!(
            !answer.text.contains("isv"),
            "the gateway's words stay inside"
        );
        rig.pass(3600 * 24);
    }
}

#[tokio::test]
async fn what_is_not_a_log_in_is_refused_by_field_and_never_quoted() {
    let (rig, instance) = Rig::start(Stack::Embedded).await;
    let login = rig.code(&instance, ZHANG).await;
    let changed = |field: &str, value: Value| {
        let mut login = login.clone();
        login[field] = value;
        login
    };
    let old = json!({"terms": "2020-01-01", "privacy": "2026-11-23"});
    for (body, refusal) in [
        (
            changed("phone", json!("02112345678")),
            "422 invalid-request phone: not_a_mainland_mobile",
        ),
        (
            changed("code", json!("1234567")),
            "422 invalid-request code: length",
        ),
        (
            changed("request_id", json!("7")),
            "422 invalid-request request_id: type",
        ),
        (
            changed("person_id", json!("7")),
            "422 invalid-request person_id: unknown_field",
        ),
        (
            changed("accepted", old),
            "422 terms-not-accepted accepted.terms: not_current",
        ),
        (
            changed("device", json!("x".repeat(65))),
            "422 invalid-request device: length",
        ),
    ] {
        let answer = instance.post("/login/sms", body).await;
        assert_eq!(answer.refusal(), refusal);
        assert!(!answer.text.contains("0211234"));
    }
    let answer = instance.post("/login/sms", login).await;
    assert_eq!(
        answer.status,
        StatusCode::OK,
        "none of these spent the code"
    );
}

#[tokio::test]
async fn the_terms_that_log_in_asks_for_are_published() {
    let (_rig, instance) = Rig::start(Stack::Embedded).await;
    let terms = instance.call(TestRequest::get().uri("/terms")).await.body();
    for document in ["terms", "privacy"] {
        assert_eq!(terms[document]["version"], accepted()[document]);
        for language in ["zh", "en"] {
            assert!(terms[document][language]["text"].as_str().unwrap().len() > 100);
        }
    }
}
