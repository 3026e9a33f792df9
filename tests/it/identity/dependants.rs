//! Acting for elders and children.

use actix_web::{
    http::{Method, StatusCode},
    test::TestRequest,
};
use api::identity::{self, Citizen};
use entity::{guardianship, person, values::PersonId};
use futures_util::future::join_all;
use integration_tests::{Stack, on_both_stacks};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use super::rig::{Answer, Instance, Rig, card, child_card, identity_of};

const ZHANG: &str = "13800138000";
const LI: &str = "13900139000";

/// Add the one born on that day, under an idempotency key.
async fn add_as(instance: &Instance, tokens: &Value, day: u32, key: &str) -> Answer {
    let mut body = identity_of("张童", &child_card(day));
    body["relationship"] = json!("child");
    let request = TestRequest::post()
        .uri("/dependants")
        .insert_header((
            "authorization",
            format!("Bearer {}", tokens["access_token"].as_str().unwrap()),
        ))
        .insert_header(("idempotency-key", key.to_owned()))
        .set_json(body);
    instance.call(request).await
}

async fn add(instance: &Instance, tokens: &Value, day: u32) -> Answer {
    add_as(instance, tokens, day, &format!("key-{day}")).await
}

async fn remove(instance: &Instance, tokens: &Value, dependant: &Value) -> Answer {
    let path = format!("/dependants/{}", dependant["person_id"].as_str().unwrap());
    instance.send(Method::DELETE, &path, tokens, None).await
}

fn citizen(tokens: &Value) -> Citizen {
    Citizen {
        person: serde_json::from_value(tokens["person_id"].clone()).unwrap(),
        session: serde_json::from_value(tokens["session_id"].clone()).unwrap(),
    }
}

/// A guardian, and children of ten days that the registry knows.
async fn family(stack: Stack) -> (Rig, Instance, Value) {
    let (rig, instance) = Rig::start(stack).await;
    let tokens = rig.verified(&instance, ZHANG, "张三", &card(30)).await;
    for day in 1..=10 {
        rig.registry.knows("张童", &child_card(day));
    }
    (rig, instance, tokens)
}

on_both_stacks! {
    async fn a_dependant_is_a_person_whom_one_acts_for(stack: Stack) {
        let (rig, instance, tokens) = family(stack).await;
        let added = add(&instance, &tokens, 1).await;
        assert_eq!(added.status, StatusCode::CREATED, "{}", added.text);
        let child = added.body();
        assert_eq!(child["name"], "*童");
        assert_eq!(child["relationship"], "child");
        let listed = instance.get("/dependants", &tokens).await.body();
        assert_eq!(listed, json!([child]));

        let deps = &instance.deps;
        let child_id: PersonId = serde_json::from_value(child["person_id"].clone()).unwrap();
        let parent = citizen(&tokens);
        let subject = identity::acting_for(deps, &parent, child_id).await.unwrap();
        assert_eq!((subject.person, subject.acting), (child_id, parent.person));
        let oneself = identity::acting_for(deps, &parent, parent.person).await.unwrap();
        assert_eq!((oneself.person, oneself.acting), (parent.person, parent.person));
        assert!(identity::verified_at(&deps.db, child_id).await.unwrap().is_some());
        let name = identity::masked_name_of(&deps.db, deps, child_id).await.unwrap();
        assert_eq!(name.as_deref(), Some("*童"));
        let found = identity::person_with_number(&deps.db, child_id.number()).await.unwrap();
        assert_eq!(found, Some(child_id));

        let stranger = citizen(&rig.log_in(&instance, LI).await);
        identity::acting_for(deps, &stranger, child_id).await.unwrap_err();
        identity::acting_for(deps, &parent, stranger.person).await.unwrap_err();
    }

    async fn a_grown_up_is_nobodys_child(stack: Stack) {
        let (rig, instance, tokens) = family(stack).await;
        rig.registry.knows("李四", &card(29));
        for relationship in ["child", "elder"] {
            let mut body = identity_of("李四", &card(29));
            body["relationship"] = json!(relationship);
            let request = TestRequest::post()
                .uri("/dependants")
                .insert_header(("authorization", format!("Bearer {}", tokens["access_token"].as_str().unwrap())))
                .insert_header(("idempotency-key", relationship))
                .set_json(body);
            let refused = instance.call(request).await;
            assert_eq!(refused.refusal(), "422 invalid-request relationship: age");
        }
        assert_eq!(person::Entity::find().count(&instance.deps.db).await.unwrap(), 1, "nobody was made");
    }

    async fn five_is_the_most_also_when_ten_come_at_once(stack: Stack) {
        let (rig, instance, tokens) = family(stack).await;
        for day in 1..=4 {
            assert_eq!(add(&instance, &tokens, day).await.status, StatusCode::CREATED);
        }
        // One person may ask the registry about five people an hour.
        rig.pass(3600);
        let tokens = rig.log_in(&instance, ZHANG).await;
        let racers = (5..=9).map(|day| add(&instance, &tokens, day));
        let answers = join_all(racers).await;
        let added = answers.iter().filter(|answer| answer.status == StatusCode::CREATED);
        assert_eq!(added.count(), 1);
        for answer in answers.iter().filter(|answer| answer.status != StatusCode::CREATED) {
            assert_eq!(answer.refusal(), "409 too-many-dependants");
        }
        let stored = guardianship::Entity::find().count(&instance.deps.db).await.unwrap();
        assert_eq!(stored, 5);
        let people = person::Entity::find().count(&instance.deps.db).await.unwrap();
        assert_eq!(people, 6, "nobody was made for the refused ones");
    }

    async fn one_child_has_one_guardian_however_many_ask_at_once(stack: Stack) {
        let (rig, instance, zhang) = family(stack).await;
        let li = rig.verified(&instance, LI, "李四", &card(29)).await;
        let racers = [&zhang, &li].map(|tokens| add(&instance, tokens, 1));
        let answers = join_all(racers).await;
        let added = answers.iter().filter(|answer| answer.status == StatusCode::CREATED);
        assert_eq!(added.count(), 1);
        let refused = answers.iter().find(|answer| answer.status != StatusCode::CREATED).unwrap();
        assert_eq!(refused.refusal(), "409 identity-in-use");
    }

    async fn the_same_request_again_adds_nobody(stack: Stack) {
        let (rig, instance, tokens) = family(stack).await;
        let first = add_as(&instance, &tokens, 1, "same").await;
        rig.registry.set_down(true);
        let again = add_as(&instance, &tokens, 1, "same").await;
        assert_eq!((first.status, &first.text), (again.status, &again.text));
        assert_eq!(again.headers.get("idempotent-replayed").unwrap(), "true");
        rig.registry.set_down(false);
        assert_eq!(add_as(&instance, &tokens, 2, "same").await.refusal(), "422 idempotency-key-reused");
        assert_eq!(add_as(&instance, &tokens, 1, "other").await.refusal(), "409 identity-in-use");
    }

    async fn somebody_removed_and_added_again_is_the_same_person(stack: Stack) {
        let (_rig, instance, tokens) = family(stack).await;
        let child = add(&instance, &tokens, 1).await.body();
        let child_id: PersonId = serde_json::from_value(child["person_id"].clone()).unwrap();
        identity::acting_for(&instance.deps, &citizen(&tokens), child_id).await.unwrap();

        assert_eq!(remove(&instance, &tokens, &child).await.status, StatusCode::NO_CONTENT);
        identity::acting_for(&instance.deps, &citizen(&tokens), child_id).await.unwrap_err();
        assert_eq!(instance.get("/dependants", &tokens).await.body(), json!([]));
        let again = add_as(&instance, &tokens, 1, "again").await.body();
        assert_eq!(again["person_id"], child["person_id"], "a colour cannot be shed");
    }

    async fn another_persons_dependant_is_like_one_that_is_missing(stack: Stack) {
        let (rig, instance, tokens) = family(stack).await;
        let child = add(&instance, &tokens, 1).await.body();
        let li = rig.log_in(&instance, LI).await;
        let foreign = remove(&instance, &li, &child).await;
        let missing = json!({"person_id": "5f0c0c0e-8f7f-4b52-9b5f-0d5b5f5f5f5f"});
        let missing = remove(&instance, &li, &missing).await;
        let nonsense = remove(&instance, &li, &json!({"person_id": "7"})).await;
        assert_eq!(foreign.refusal(), "404 not-found");
        assert_eq!(foreign.text, missing.text);
        assert_eq!(foreign.text, nonsense.text);
        assert_eq!(instance.get("/dependants", &tokens).await.body(), json!([child]));
    }
}

#[tokio::test]
async fn a_dependant_needs_a_verified_guardian_and_an_identity_of_their_own() {
    let (rig, instance) = Rig::start(Stack::Embedded).await;
    let tokens = rig.log_in(&instance, LI).await;
    assert_eq!(
        add(&instance, &tokens, 1).await.refusal(),
        "409 identity-required"
    );
    assert_eq!(rig.registry.asked(), 0);

    let tokens = rig
        .verified(&instance, ZHANG, "张童", &child_card(30))
        .await;
    assert_eq!(
        add(&instance, &tokens, 1).await.refusal(),
        "422 identity-mismatch"
    );
    assert_eq!(
        add(&instance, &tokens, 30).await.refusal(),
        "409 identity-in-use",
        "oneself"
    );
    let without_key = instance
        .send(
            Method::POST,
            "/dependants",
            &tokens,
            Some(identity_of("张童", &child_card(1))),
        )
        .await;
    assert_eq!(without_key.refusal(), "400 idempotency-key-missing");
}
