//! A permit in the hand and its status list under libraries for CWT and COSE, in Python and Node.

use api::{
    credentials,
    platform::{Clock, SystemClock},
};
use chrono::TimeDelta;
use integration_tests::{Backend, Stack, backend::ZHANG};
use serde_json::{Value, json};

use crate::script::run;

/// What a verifier pins and what somebody shows, whose permit stands as `status` says.
fn facts(backend: &Backend, text: &Value, status: u8) -> Value {
    let root = backend.deps.keyring.root().expect("the root is here");
    json!({
        "base": backend.anyone().url(""),
        "root": {"kid": hex::encode(root.kid().as_bytes()), "key": hex::encode(root.public_key())},
        "permit": text,
        "number": "310101000001",
        "status": status,
    })
}

async fn verified_by(script: &str) {
    let backend = Backend::start(Stack::Embedded).await;
    // The libraries ask the machine what time it is.
    backend.wait(SystemClock.now() - backend.clock.now());
    let keys = async || {
        credentials::rotate(&backend.deps).await.unwrap();
        credentials::sign_list(&backend.deps).await.unwrap();
    };
    keys().await;
    let zhang = backend.green("13800138000", ZHANG).await;
    let permit = backend.work_permit(&zhang, ZHANG).await;
    let citizen = backend.as_citizen(&zhang);
    let shown = citizen.get("/v1/me/work-permit").await.ok();
    run(script, facts(&backend, &shown["token"], 0)).await;

    let withdrawal = format!("/v1/me/returns/{permit}/withdrawal");
    citizen.post(&withdrawal, Value::Null).await.ok();
    backend.wait(TimeDelta::minutes(1));
    keys().await;
    run(script, facts(&backend, &shown["token"], 1)).await;
}

#[tokio::test]
async fn pythons_cwt_library_verifies_a_permit_and_finds_it_in_its_status_list() {
    verified_by("python/permits.py").await;
}

#[tokio::test]
async fn nodes_cose_library_verifies_a_permit_and_finds_it_in_its_status_list() {
    verified_by("node/permits.mjs").await;
}
