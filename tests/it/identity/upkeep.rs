//! What is kept of sessions, and for how long.

use actix_web::http::{Method, StatusCode};
use api::{
    identity::{ForgetSessions, PublishEndings},
    jobs::Sweep,
};
use entity::{refresh_token, session};
use integration_tests::on_both_stacks;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::Value;

use super::rig::{Instance, Rig};

const ZHANG: &str = "13800138000";
const DAY: i64 = 86_400;

async fn kept(instance: &Instance) -> (u64, u64) {
    let db = &instance.deps.db;
    let sessions = session::Entity::find().count(db).await.unwrap();
    (
        sessions,
        refresh_token::Entity::find().count(db).await.unwrap(),
    )
}

async fn log_out(instance: &Instance, tokens: &Value) {
    let answer = instance
        .send(Method::DELETE, "/sessions/current", tokens, None)
        .await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text);
}

on_both_stacks! {
    async fn a_store_that_is_away_is_not_told_of_endings_over_and_over(stack: Stack) {
        let (rig, instance) = Rig::start(stack).await;
        for _ in 0..2 {
            let tokens = rig.log_in(&instance, ZHANG).await;
            rig.pass(60);
            rig.store.set_down(true);
            log_out(&instance, &tokens).await;
            rig.store.set_down(false);
        }
        rig.store.set_down(true);
        let told = PublishEndings::run(&instance.deps).await.unwrap();
        assert_eq!(told, 0, "a sweep that did something is run again at once");
        rig.store.set_down(false);
        assert_eq!(PublishEndings::run(&instance.deps).await.unwrap(), 2);
    }

    async fn sessions_are_forgotten_ninety_days_after_their_end_with_their_tokens(stack: Stack) {
        let (rig, instance) = Rig::start(stack).await;
        for _ in 0..25 {
            instance.rotate_keys().await;
            rig.log_in(&instance, ZHANG).await;
            rig.pass(DAY);
        }
        assert_eq!(kept(&instance).await, (25, 25));
        rig.pass((30 + 90 - 25) * DAY - 1);
        assert_eq!(ForgetSessions::run(&instance.deps).await.unwrap(), 0);

        rig.pass(1);
        assert_eq!(ForgetSessions::run(&instance.deps).await.unwrap(), 1, "the first");
        assert_eq!(kept(&instance).await, (24, 24));

        rig.pass(30 * DAY);
        let mut rounds = Vec::new();
        while let more @ 1.. = ForgetSessions::run(&instance.deps).await.unwrap() {
            rounds.push(more);
        }
        assert_eq!(rounds, [20, 4], "a bounded number at a time");
        assert_eq!(kept(&instance).await, (0, 0));
        instance.rotate_keys().await;
        rig.log_in(&instance, ZHANG).await;
    }
}
