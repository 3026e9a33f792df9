//! Sessions: kept up by refreshing, ended everywhere.

use std::{collections::BTreeSet, sync::Arc};

use actix_web::http::{Method, StatusCode};
use api::{identity::PublishEndings, jobs::Sweep, platform::ephemeral::InProcess};
use entity::{audit_entry, refresh_token, session};
use futures_util::future::join_all;
use integration_tests::{fakes::Faulty, on_both_stacks};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use super::rig::{Answer, Instance, Rig};

const ZHANG: &str = "13800138000";
const LI: &str = "13900139000";
const PHONE: &str = "zhang's phone";
const DAY: i64 = 86_400;

async fn refresh(instance: &Instance, tokens: &Value, device: &str) -> Answer {
    let body = json!({"refresh_token": tokens["refresh_token"], "device": device});
    instance.post("/login/refresh", body).await
}

async fn refreshed(instance: &Instance, tokens: &Value) -> Value {
    let answer = refresh(instance, tokens, PHONE).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.body()
}

async fn log_out(instance: &Instance, tokens: &Value) -> Answer {
    instance
        .send(Method::DELETE, "/sessions/current", tokens, None)
        .await
}

async fn status_of(instance: &Instance, tokens: &Value) -> u16 {
    instance.get("/me", tokens).await.status.as_u16()
}

fn path(tokens: &Value) -> String {
    format!("/sessions/{}", tokens["session_id"].as_str().unwrap())
}

on_both_stacks! {
    async fn refreshing_goes_on_for_thirty_days_and_no_longer(stack: Stack) {
        let (rig, instance) = Rig::start(stack).await;
        let mut tokens = rig.log_in(&instance, ZHANG).await;
        for _ in 0..5 {
            rig.pass(6 * DAY - 60);
            instance.rotate_keys().await;
            assert_eq!(status_of(&instance, &tokens).await, 401, "access tokens are short");
            tokens = refreshed(&instance, &tokens).await;
            assert_eq!(status_of(&instance, &tokens).await, 200);
        }
        assert_eq!(tokens["expires_in"], 300, "five minutes before the session ends");
        rig.pass(300);
        assert_eq!(refresh(&instance, &tokens, PHONE).await.refusal(), "401 refresh-refused");
    }

    async fn a_session_that_is_not_refreshed_ends_after_fourteen_days(stack: Stack) {
        let (rig, instance) = Rig::start(stack).await;
        let tokens = rig.log_in(&instance, ZHANG).await;
        rig.pass(14 * DAY - 1);
        instance.rotate_keys().await;
        let tokens = refreshed(&instance, &tokens).await;
        rig.pass(14 * DAY);
        assert_eq!(refresh(&instance, &tokens, PHONE).await.refusal(), "401 refresh-refused");
    }

    async fn a_token_used_twice_ends_the_session_everywhere(stack: Stack) {
        let (rig, instance) = Rig::start(stack).await;
        let other = rig.instance().await;
        let stolen = rig.log_in(&instance, ZHANG).await;
        let newer = refreshed(&instance, &stolen).await;
        let newest = refreshed(&instance, &newer).await;
        assert_eq!(status_of(&other, &newest).await, 200);

        rig.pass(11);
        let reuse = refresh(&other, &stolen, PHONE).await;
        assert_eq!(reuse.refusal(), "401 refresh-refused");
        for instance in [&instance, &other] {
            assert_eq!(refresh(instance, &newest, PHONE).await.refusal(), "401 refresh-refused");
        }
        rig.pass(2);
        for instance in [&instance, &other] {
            assert_eq!(status_of(instance, &newest).await, 401);
        }
        let log = audit_entry::Entity::find().all(&instance.deps.db).await.unwrap();
        let ended = log.iter().find(|entry| entry.event == "session_ended").unwrap();
        assert_eq!(ended.detail["ending"], "reuse");
        assert_eq!(ended.actor_kind, "system");
    }

    async fn a_lost_answer_is_given_again_to_the_same_device_for_ten_seconds(stack: Stack) {
        let (rig, instance) = Rig::start(stack).await;
        let other = rig.instance().await;
        let tokens = rig.log_in(&instance, ZHANG).await;
        let lost = refreshed(&instance, &tokens).await;
        rig.pass(10);
        let again = refreshed(&other, &tokens).await;
        assert_eq!(again["refresh_token"], lost["refresh_token"]);
        assert_eq!(status_of(&other, &again).await, 200);
        refreshed(&instance, &again).await;
    }

    async fn a_lost_answer_is_not_given_to_another_device(stack: Stack) {
        let (rig, instance) = Rig::start(stack).await;
        let tokens = rig.log_in(&instance, ZHANG).await;
        let next = refreshed(&instance, &tokens).await;
        assert_eq!(refresh(&instance, &tokens, "a thief's").await.refusal(), "401 refresh-refused");
        assert_eq!(refresh(&instance, &next, PHONE).await.refusal(), "401 refresh-refused");
    }

    async fn of_sixteen_refreshes_at_once_one_successor_comes(stack: Stack) {
        let (rig, instance) = Rig::start(stack).await;
        let other = rig.instance().await;
        let tokens = rig.log_in(&instance, ZHANG).await;
        let racers = (0..16).map(|n| refresh(if n % 2 == 0 { &instance } else { &other }, &tokens, PHONE));
        let successors: BTreeSet<String> = join_all(racers)
            .await
            .iter()
            .map(|answer| {
                assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
                answer.body()["refresh_token"].to_string()
            })
            .collect();
        assert_eq!(successors.len(), 1);
        let stored = refresh_token::Entity::find().count(&instance.deps.db).await.unwrap();
        assert_eq!(stored, 2, "the first and its successor");
    }

    async fn a_log_out_counts_on_every_instance_within_two_seconds(stack: Stack) {
        let (rig, here) = Rig::start(stack).await;
        let there = rig.instance().await;
        let tokens = rig.log_in(&here, ZHANG).await;
        assert_eq!(status_of(&there, &tokens).await, 200);

        assert_eq!(log_out(&here, &tokens).await.status, StatusCode::NO_CONTENT);
        assert_eq!(status_of(&here, &tokens).await, 401, "here at once");
        rig.pass(2);
        assert_eq!(status_of(&there, &tokens).await, 401);
        assert_eq!(refresh(&there, &tokens, PHONE).await.refusal(), "401 refresh-refused");
        assert_eq!(log_out(&here, &tokens).await.refusal(), "401 unauthenticated");
    }

    async fn an_ending_that_the_store_missed_is_told_later(stack: Stack) {
        let (rig, here) = Rig::start(stack).await;
        let there = rig.instance().await;
        let tokens = rig.log_in(&here, ZHANG).await;
        rig.store.set_down(true);
        assert_eq!(log_out(&here, &tokens).await.status, StatusCode::NO_CONTENT);
        assert_eq!(status_of(&there, &tokens).await, 401, "the database is asked instead");

        rig.store.set_down(false);
        assert_eq!(PublishEndings::run(&there.deps).await.unwrap(), 1);
        assert_eq!(PublishEndings::run(&there.deps).await.unwrap(), 0, "once is enough");
        let new = rig.instance().await;
        assert_eq!(status_of(&new, &tokens).await, 401);
    }

    async fn a_store_that_lost_everything_brings_no_session_back(stack: Stack) {
        let (mut rig, instance) = Rig::start(stack).await;
        let ended = rig.log_in(&instance, ZHANG).await;
        let lasting = rig.log_in(&instance, LI).await;
        log_out(&instance, &ended).await;
        rig.store = Arc::new(Faulty::new(Arc::new(InProcess::new(Arc::new(rig.clock.clone())))));
        let new = rig.instance().await;
        assert_eq!(status_of(&new, &ended).await, 401);
        assert_eq!(status_of(&new, &lasting).await, 200);
    }

    async fn without_the_store_sessions_go_on(stack: Stack) {
        let (rig, instance) = Rig::start(stack).await;
        let tokens = rig.log_in(&instance, ZHANG).await;
        rig.store.set_down(true);
        let new = rig.instance().await;
        assert_eq!(status_of(&new, &tokens).await, 200);
        let tokens = refreshed(&new, &tokens).await;
        assert_eq!(log_out(&new, &tokens).await.status, StatusCode::NO_CONTENT);
        assert_eq!(status_of(&new, &tokens).await, 401);
    }

    async fn one_sees_and_ends_ones_own_sessions_only(stack: Stack) {
        let (rig, instance) = Rig::start(stack).await;
        let first = rig.log_in(&instance, ZHANG).await;
        let li = rig.log_in(&instance, LI).await;
        rig.pass(60);
        let second = rig.log_in(&instance, ZHANG).await;

        let listed = instance.get("/sessions", &second).await.body();
        let listed = listed.as_array().unwrap();
        assert_eq!(listed.len(), 2);
        assert_eq!(listed[0]["session_id"], second["session_id"]);
        assert_eq!(listed[0]["current"], true);
        assert_eq!(listed[1]["current"], false);
        assert_eq!(listed[1]["door"], "sms");
        assert_eq!(listed[1]["device"], PHONE);

        let foreign = instance.send(Method::DELETE, &path(&li), &second, None).await;
        let missing = "/sessions/5f0c0c0e-8f7f-4b52-9b5f-0d5b5f5f5f5f";
        let missing = instance.send(Method::DELETE, missing, &second, None).await;
        assert_eq!(foreign.refusal(), "404 not-found");
        assert_eq!(foreign.text, missing.text);
        assert_eq!(status_of(&instance, &li).await, 200);

        let ended = instance.send(Method::DELETE, &path(&first), &second, None).await;
        assert_eq!(ended.status, StatusCode::NO_CONTENT);
        assert_eq!(status_of(&instance, &first).await, 401);
        let left = instance.get("/sessions", &second).await.body();
        assert_eq!(left.as_array().unwrap().len(), 1);
        let twice = instance.send(Method::DELETE, &path(&first), &second, None).await;
        assert_eq!(twice.text, missing.text);
    }

    async fn tokens_and_devices_are_not_stored_in_the_clear(stack: Stack) {
        let (rig, instance) = Rig::start(stack).await;
        let tokens = rig.log_in(&instance, ZHANG).await;
        let next = refreshed(&instance, &tokens).await;
        let stored = refresh_token::Entity::find().all(&instance.deps.db).await.unwrap();
        let sessions = session::Entity::find().all(&instance.deps.db).await.unwrap();
        let columns = stored
            .into_iter()
            .flat_map(|token| [Some(token.digest), token.successor])
            .chain(sessions.into_iter().map(|session| session.device));
        for column in columns.flatten() {
            for secret in [&tokens["refresh_token"], &next["refresh_token"], &json!(PHONE)] {
                let secret = secret.as_str().unwrap().as_bytes();
                assert!(!column.windows(secret.len()).any(|part| part == secret));
            }
        }
        for secret in [&tokens["refresh_token"], &tokens["access_token"]] {
            assert!(!rig.store.has_seen(secret.as_str().unwrap()));
        }
    }
}
