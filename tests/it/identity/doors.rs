//! WeChat and Alipay: what they vouch for, and what they cannot be used for.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use entity::{audit_entry, person, platform_account};
use futures_util::future::join_all;
use integration_tests::{Stack, on_both_stacks};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use super::rig::{Answer, Instance, Rig, alipay, old_wechat, wechat};

const ZHANG: &str = "13800138000";
const LI: &str = "13900139000";

async fn through_wechat(instance: &Instance, user: &str, phone: &str) -> Answer {
    instance.post("/login/wechat", wechat(user, phone)).await
}

async fn through_alipay(instance: &Instance, user: &str, phone: &str) -> Answer {
    instance.post("/login/alipay", alipay(user, phone)).await
}

fn person_in(answer: &Answer) -> Value {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.body()["person_id"].clone()
}

async fn links(instance: &Instance) -> Vec<platform_account::Model> {
    platform_account::Entity::find()
        .all(&instance.deps.db)
        .await
        .unwrap()
}

on_both_stacks! {
    async fn the_same_phone_through_three_doors_is_one_person(stack: Stack) {
        let (rig, instance) = Rig::start(stack).await;
        let by_sms = rig.log_in(&instance, ZHANG).await["person_id"].clone();
        let by_wechat = through_wechat(&instance, "zhang", ZHANG).await;
        let by_alipay = through_alipay(&instance, "zhang", ZHANG).await;
        assert_eq!(person_in(&by_wechat), by_sms);
        assert_eq!(person_in(&by_alipay), by_sms);
        assert_eq!(links(&instance).await.len(), 2);

        let again = through_alipay(&instance, "zhang#2", "13800138000#2").await;
        assert_eq!(person_in(&again), by_sms);
        assert_eq!(links(&instance).await.len(), 2);
    }

    async fn first_log_ins_of_a_number_through_all_doors_at_once_make_one_person(stack: Stack) {
        let (_rig, instance) = Rig::start(stack).await;
        let log_ins = (0..8).map(|n| {
            let (user, phone) = (format!("zhang#{n}"), format!("{ZHANG}#{n}"));
            let (path, body) = if n % 2 == 0 {
                ("/login/wechat", wechat(&user, &phone))
            } else {
                ("/login/alipay", alipay(&user, &phone))
            };
            instance.post(path, body)
        });
        let people: BTreeSet<String> = join_all(log_ins).await
            .iter()
            .map(|answer| person_in(answer).to_string())
            .collect();
        assert_eq!(people.len(), 1);
        assert_eq!(person::Entity::find().count(&instance.deps.db).await.unwrap(), 1);
        assert_eq!(links(&instance).await.len(), 2);
    }

    async fn a_wechat_account_moves_with_the_phone_that_wechat_vouches_for(stack: Stack) {
        let (_rig, instance) = Rig::start(stack).await;
        let zhang = person_in(&through_wechat(&instance, "user", ZHANG).await);
        let li = person_in(&through_wechat(&instance, "user#2", LI).await);
        assert_ne!(zhang, li);
        let links = links(&instance).await;
        assert_eq!(links.len(), 1);
        assert_eq!(json!(links[0].person_id), li);

        let log = audit_entry::Entity::find().all(&instance.deps.db).await.unwrap();
        let linked = log.iter().filter(|entry| entry.event == "platform_linked");
        assert_eq!(linked.count(), 2, "the move is on record");
    }

    async fn an_alipay_account_does_not_move_without_a_code_by_sms(stack: Stack) {
        let (_rig, instance) = Rig::start(stack).await;
        let zhang = person_in(&through_alipay(&instance, "user", ZHANG).await);
        let moved = through_alipay(&instance, "user#2", LI).await;
        assert_eq!(moved.refusal(), "409 sms-check-required");
        assert_eq!(json!(links(&instance).await[0].person_id), zhang);
        assert_eq!(person::Entity::find().count(&instance.deps.db).await.unwrap(), 1);
    }

    async fn an_alipay_payload_is_good_once_also_for_many_at_a_time(stack: Stack) {
        let (_rig, instance) = Rig::start(stack).await;
        let log_ins = (0..5).map(|n| {
            instance.post("/login/alipay", alipay(&format!("thief{n}"), "13800138000#blob"))
        });
        let answers = join_all(log_ins).await;
        let (won, lost): (Vec<_>, Vec<_>) =
            answers.iter().partition(|answer| answer.status == StatusCode::OK);
        assert_eq!(won.len(), 1);
        for answer in lost {
            assert_eq!(answer.refusal(), "409 payload-used");
        }
        let later = through_alipay(&instance, "later", "13800138000#blob").await;
        assert_eq!(later.refusal(), "409 payload-used");
    }

    async fn account_names_are_sealed(stack: Stack) {
        let (_rig, instance) = Rig::start(stack).await;
        through_wechat(&instance, "opaque-openid", ZHANG).await;
        let link = links(&instance).await.remove(0);
        for stored in [link.account, link.account_index] {
            assert!(!stored.windows(6).any(|part| part == b"openid"));
        }
    }
}

#[tokio::test]
async fn an_older_wechat_proves_the_phone_by_what_it_encrypted_for_this_log_in() {
    let (_rig, instance) = Rig::start(Stack::Embedded).await;
    let zhang = person_in(&through_wechat(&instance, "zhang", ZHANG).await);
    let log_in = async |body: Value| instance.post("/login/wechat", body).await;
    assert_eq!(
        person_in(&log_in(old_wechat("zhang#2", ZHANG)).await),
        zhang
    );

    let mut anothers = old_wechat("li", ZHANG);
    anothers["encrypted_phone"]["iv"] = json!("zhang");
    assert_eq!(log_in(anothers).await.refusal(), "401 code-refused");
    let mut both = old_wechat("li#2", LI);
    both["phone_code"] = json!(LI);
    let mut neither = wechat("li#3", LI);
    neither.as_object_mut().unwrap().remove("phone_code");
    for body in [both, neither] {
        let refusal = log_in(body).await.refusal();
        assert_eq!(refusal, "422 invalid-request phone_code: one_of");
    }
    let foreign = log_in(old_wechat("abroad", "+85261234567")).await;
    assert_eq!(foreign.refusal(), "422 phone-not-mainland");
}

#[tokio::test]
async fn what_a_platform_does_not_vouch_for_is_refused() {
    let (rig, instance) = Rig::start(Stack::Embedded).await;
    person_in(&through_wechat(&instance, "zhang", ZHANG).await);
    let with_nonsense = |mut body: Value| {
        body["auth_code"] = json!("nonsense");
        body
    };
    let in_another_app = |mut body: Value| {
        body["app_id"] = json!("their-app");
        body
    };
    for (path, body, refusal) in [
        ("/login/wechat", wechat("zhang", LI), "401 code-refused"),
        ("/login/wechat", wechat("new", ZHANG), "401 code-refused"),
        (
            "/login/wechat",
            wechat("blocked", LI),
            "403 platform-user-blocked",
        ),
        (
            "/login/wechat",
            wechat("abroad", "+85261234567"),
            "422 phone-not-mainland",
        ),
        (
            "/login/wechat",
            in_another_app(wechat("x", LI)),
            "422 invalid-request app_id: unknown",
        ),
        (
            "/login/alipay",
            with_nonsense(alipay("li", LI)),
            "401 code-refused",
        ),
        (
            "/login/alipay",
            alipay("forger", "forged"),
            "401 code-refused",
        ),
        (
            "/login/alipay",
            alipay("abroad#2", "+85261234567"),
            "422 phone-not-mainland",
        ),
        (
            "/login/alipay",
            in_another_app(alipay("x", LI)),
            "422 invalid-request app_id: unknown",
        ),
    ] {
        let answer = instance.post(path, body.clone()).await;
        assert_eq!(answer.refusal(), refusal, "{body}");
        assert!(!answer.text.contains("6123"));
    }

    rig.platform.set_down(true);
    for (path, body) in [
        ("/login/wechat", wechat("later", LI)),
        ("/login/alipay", alipay("later", LI)),
    ] {
        assert_eq!(
            instance.post(path, body).await.refusal(),
            "503 platform-unavailable"
        );
    }
    assert_eq!(
        person::Entity::find()
            .count(&instance.deps.db)
            .await
            .unwrap(),
        1
    );
}

#[tokio::test]
async fn the_current_terms_are_accepted_before_a_code_is_spent() {
    let (_rig, instance) = Rig::start(Stack::Embedded).await;
    for (path, body) in [
        ("/login/wechat", wechat("zhang", ZHANG)),
        ("/login/alipay", alipay("li", LI)),
    ] {
        let mut without = body.clone();
        without["accepted"]["privacy"] = json!("");
        let refused = instance.post(path, without).await;
        assert_eq!(
            refused.refusal(),
            "422 terms-not-accepted accepted.privacy: not_current"
        );
        person_in(&instance.post(path, body).await);
    }
}
