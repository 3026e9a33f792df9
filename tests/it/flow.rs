//! From a phone number to a code on the screen.

use chrono::TimeDelta;
use integration_tests::{
    backend::{Backend, ZHANG, declaration},
    on_both_stacks,
};
use serde_json::json;

on_both_stacks! {
    async fn a_citizen_logs_in_declares_checks_in_and_shows_a_green_code(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified("13800138000", ZHANG).await;
        let page = backend.as_citizen(&zhang);
        let path = |what: &str| format!("/v1/people/{}/{what}", zhang.person);

        page.post(&path("declarations"), declaration()).await.ok();
        assert_eq!(page.get(&path("health-code")).await.ok()["colour"], "grey", "not compared yet");

        assert_eq!(backend.compare().await, 1);
        backend.wait(TimeDelta::seconds(2));
        let code = page.get(&path("health-code")).await.ok();
        assert_eq!(code["colour"], "green");
        assert_eq!(code["reasons"], json!([]));
        assert_eq!(code["masked_name"], "张*明");

        let verdict = backend.anyone().post("/v1/codes/verify", json!({"token": code["token"]})).await.ok();
        assert_eq!(verdict["verdict"], "valid");
        assert_eq!(verdict["colour"], "green");
    }
}
