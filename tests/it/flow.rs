//! From a phone number to a code on the screen.

use api::{config::Store, platform::Secret};
use chrono::TimeDelta;
use integration_tests::{
    Stack,
    backend::{Backend, ZHANG, declaration},
    on_both_stacks, stack,
};
use serde_json::json;

async fn goes_from_a_phone_number_to_a_green_code(backend: &Backend) {
    let zhang = backend.verified("13800138000", ZHANG).await;
    let page = backend.as_citizen(&zhang);
    let path = |what: &str| format!("/v1/people/{}/{what}", zhang.person);

    page.post(&path("declarations"), declaration()).await.ok();
    let code = page.get(&path("health-code")).await.ok();
    assert_eq!(code["colour"], "grey", "not compared yet");

    assert_eq!(backend.compare().await, 1);
    backend.wait(TimeDelta::seconds(2));
    let code = page.get(&path("health-code")).await.ok();
    assert_eq!(code["colour"], "green");
    assert_eq!(code["reasons"], json!([]));
    assert_eq!(code["masked_name"], "张*明");

    let token = json!({"token": code["token"]});
    let verdict = backend.anyone().post("/v1/codes/verify", token).await.ok();
    assert_eq!(verdict["verdict"], "valid");
    assert_eq!(verdict["colour"], "green");

    page.delete("/v1/sessions/current").await.ok();
    page.get("/v1/me").await.problem(401);
}

on_both_stacks! {
    async fn a_citizen_logs_in_declares_and_shows_a_green_code(stack: Stack) {
        goes_from_a_phone_number_to_a_green_code(&Backend::start(stack).await).await;
    }
}

#[tokio::test]
async fn production_does_the_same_on_a_redis_cluster() {
    let backend = Backend::start_with(Stack::Production, |config| {
        config.ephemeral.kind = Store::RedisCluster;
        config.ephemeral.urls = vec![Secret::new(stack::redis_cluster_url())];
    })
    .await;
    goes_from_a_phone_number_to_a_green_code(&backend).await;
}
