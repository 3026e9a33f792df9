//! Real names.

use actix_web::http::{Method, StatusCode};
use entity::{person, recheck_mark};
use futures_util::future::join_all;
use integration_tests::{Stack, on_both_stacks};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use super::rig::{Answer, Instance, Rig, alipay, card, identity_of, wechat};

const ZHANG: &str = "13800138000";
const LI: &str = "13900139000";

async fn verify(instance: &Instance, tokens: &Value, identity: Value) -> Answer {
    instance
        .send(Method::PUT, "/me/identity", tokens, Some(identity))
        .await
}

on_both_stacks! {
    async fn a_name_is_verified_once_and_may_be_said_again(stack: Stack) {
        let (rig, instance) = Rig::start(stack).await;
        let tokens = rig.verified(&instance, ZHANG, "张小三", &card(1)).await;
        let me = instance.get("/me", &tokens).await.body();
        assert_eq!(me["verified"], true);
        assert_eq!(me["identity"]["name"], "张*三");
        let number = me["identity"]["document_number"].as_str().unwrap();
        assert!(number.starts_with("310101********"), "{number}");
        assert_eq!(recheck_mark::Entity::find().count(&instance.deps.db).await.unwrap(), 1);

        let again = verify(&instance, &tokens, identity_of("张小三", &card(1).to_lowercase())).await;
        assert_eq!(again.status, StatusCode::OK, "{}", again.text);
        assert_eq!(rig.registry.asked(), 1);
        for other in [identity_of("张小四", &card(1)), identity_of("张小三", &card(2))] {
            assert_eq!(verify(&instance, &tokens, other).await.refusal(), "409 already-verified");
        }
    }

    async fn one_identity_is_one_person_however_many_claim_it_at_once(stack: Stack) {
        let (rig, instance) = Rig::start(stack).await;
        rig.registry.knows("张三", &card(1));
        let zhang = rig.log_in(&instance, ZHANG).await;
        let li = rig.log_in(&instance, LI).await;
        let claims = [&zhang, &li, &zhang, &li].map(|tokens| verify(&instance, tokens, identity_of("张三", &card(1))));
        let answers = join_all(claims).await;
        let verified = person::Entity::find().all(&instance.deps.db).await.unwrap();
        assert_eq!(verified.iter().filter(|person| person.verified_at.is_some()).count(), 1);
        for answer in answers {
            assert!(
                answer.status == StatusCode::OK || answer.refusal() == "409 identity-in-use",
                "{}", answer.text
            );
        }
    }

    async fn a_number_unseen_for_long_is_its_owners_only_with_their_document(stack: Stack) {
        let (rig, instance) = Rig::start(stack).await;
        let owner = rig.verified(&instance, ZHANG, "张三", &card(1)).await;
        instance.post("/login/wechat", wechat("zhang", ZHANG)).await;
        rig.pass(90 * 86_400);
        instance.rotate_keys().await;

        let mut login = rig.code(&instance, ZHANG).await;
        let stranger = instance.post("/login/sms", login.clone()).await;
        let asked_for = "409 identity-check-required document_number: owner";
        assert_eq!(stranger.refusal(), asked_for);
        login["document_number"] = json!(card(2));
        assert_eq!(instance.post("/login/sms", login.clone()).await.refusal(), asked_for);
        let new_account = instance.post("/login/alipay", alipay("stranger", ZHANG)).await;
        assert_eq!(new_account.refusal(), asked_for);

        login["document_number"] = json!(card(1));
        let confirmed = instance.post("/login/sms", login).await;
        assert_eq!(confirmed.status, StatusCode::OK, "{}", confirmed.text);
        assert_eq!(confirmed.body()["person_id"], owner["person_id"]);

        rig.pass(90 * 86_400);
        instance.rotate_keys().await;
        let known_account = instance.post("/login/wechat", wechat("zhang#2", "13800138000#2")).await;
        assert_eq!(known_account.status, StatusCode::OK, "{}", known_account.text);
    }

    async fn names_and_documents_are_sealed(stack: Stack) {
        let (rig, instance) = Rig::start(stack).await;
        rig.verified(&instance, ZHANG, "张小三", &card(1)).await;
        let person = person::Entity::find().one(&instance.deps.db).await.unwrap().unwrap();
        let columns = [
            person.data_key,
            person.phone.unwrap(),
            person.phone_index.unwrap(),
            person.name.unwrap(),
            person.document_number.unwrap(),
            person.document_index.unwrap(),
        ];
        for column in columns {
            for plain in [ZHANG, "小三", &card(1)] {
                assert!(!column.windows(plain.len()).any(|part| part == plain.as_bytes()));
            }
        }
    }
}

#[tokio::test]
async fn what_the_registry_does_not_vouch_for_is_not_stored() {
    let (rig, instance) = Rig::start(Stack::Embedded).await;
    rig.registry.knows("张三", &card(1));
    let tokens = rig.log_in(&instance, ZHANG).await;
    let mismatch = verify(&instance, &tokens, identity_of("李四", &card(1))).await;
    assert_eq!(mismatch.refusal(), "422 identity-mismatch");

    rig.registry.set_down(true);
    let down = verify(&instance, &tokens, identity_of("张三", &card(1))).await;
    assert_eq!(down.refusal(), "503 registry-unavailable");
    let me = instance.get("/me", &tokens).await.body();
    assert_eq!(
        (&me["verified"], &me["identity"]),
        (&json!(false), &Value::Null)
    );

    rig.registry.set_down(false);
    let right = verify(&instance, &tokens, identity_of("张三", &card(1))).await;
    assert_eq!(right.status, StatusCode::OK);
}

#[tokio::test]
async fn names_cannot_be_tried_on_numbers() {
    let (rig, instance) = Rig::start(Stack::Embedded).await;
    let tokens = rig.log_in(&instance, ZHANG).await;
    for name in ["赵一", "钱二", "孙三", "李四", "周五"] {
        let answer = verify(&instance, &tokens, identity_of(name, &card(1))).await;
        assert_eq!(answer.refusal(), "422 identity-mismatch");
    }
    let sixth = verify(&instance, &tokens, identity_of("吴六", &card(1))).await;
    assert_eq!(sixth.refusal(), "429 too-many-attempts");
    assert_eq!(sixth.retry_after(), Some(3600));
    assert_eq!(rig.registry.asked(), 5);

    rig.store.set_down(true);
    rig.pass(10);
    let uncounted = verify(&instance, &tokens, identity_of("郑七", &card(1))).await;
    assert_eq!(uncounted.refusal(), "503 temporarily-unavailable");
    assert_eq!(rig.registry.asked(), 5);
}

#[tokio::test]
async fn a_document_number_says_what_is_wrong_with_it_and_is_not_quoted() {
    let (rig, instance) = Rig::start(Stack::Embedded).await;
    let tokens = rig.log_in(&instance, ZHANG).await;
    let right = card(1);
    let check = if right.ends_with('1') { '2' } else { '1' };
    let wrong_check: String = right.chars().take(17).chain([check]).collect();
    for (name, number, refusal) in [
        ("张三", "3101", "document_number: form"),
        ("张三", "991012199005010011", "document_number: province"),
        ("张三", "310101209905010011", "document_number: birth_date"),
        (
            "张三",
            wrong_check.as_str(),
            "document_number: check_character",
        ),
        ("张3", right.as_str(), "name: form"),
    ] {
        let answer = verify(&instance, &tokens, identity_of(name, number)).await;
        assert_eq!(answer.refusal(), format!("422 invalid-request {refusal}"));
        assert!(!answer.text.contains(number));
    }
    assert_eq!(rig.registry.asked(), 0);
}
