//! What strangers send on purpose: each is refused in the way that is promised, and none is a
//! failure of ours.

mod input;
mod slow;
mod tokens;

use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, ZHANG, declaration},
    call::{Caller, Reply},
    document::{Operation, operations},
    on_both_stacks,
};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

on_both_stacks! {
    async fn somebody_elses_id_looks_like_nobodys(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified("13800138000", ZHANG).await;
        let stranger = backend.green("13900139000", GRANDMOTHER).await;
        let page = backend.as_citizen(&zhang);
        let sessions = backend.as_citizen(&stranger).get("/v1/sessions").await.ok();
        let session = sessions[0]["session_id"].as_str().unwrap().to_owned();

        let mut seen = 0;
        for operation in operations() {
            let (theirs, nobodys) = if operation.has_parameter("person") {
                (operation.path_of(&stranger.person), operation.path_of_nothing())
            } else if operation.has_parameter("session") {
                (operation.path.replace("{session}", &session), operation.path_of_nothing())
            } else {
                continue;
            };
            let theirs = ask(&page, &operation, &theirs).await;
            let nobodys = ask(&page, &operation, &nobodys).await;
            assert_eq!(theirs, nobodys, "{}", operation.name());
            assert_eq!(theirs.0, 404, "{}", operation.name());
            seen += 1;
        }
        assert_eq!(seen, 28, "so many operations name somebody or something of theirs");
        backend.as_citizen(&stranger).get("/v1/me").await.ok();
        assert_eq!(backend.as_citizen(&stranger).get("/v1/sessions").await.ok(), sessions);
    }
}

/// Status, headers and body of the answer, without what tells requests apart.
async fn ask(page: &Caller, operation: &Operation, path: &str) -> (u16, Vec<String>, Value) {
    let body = match operation.path.rsplit('/').next() {
        Some("declarations") => declaration(),
        Some("complaints") => {
            let case = "0195a1b2-0000-4000-8000-00000000000a";
            json!({"case": case, "kind": "delay", "text": "三天没有答复"})
        }
        Some("pass-applications") => json!({"community": "310101001001", "confirmed_true": true}),
        Some("replacements") => json!({"reason": "lost"}),
        _ => json!({"temperature": 36.5}),
    };
    let mut request = page
        .request(operation.method.clone(), path)
        .header("idempotency-key", "a-key")
        .header("x-request-id", "one-of-two");
    if !operation.says["requestBody"].is_null() {
        request = request.json(&body);
    }
    let reply = Reply::to(request).await;
    let body = reply.json();
    (reply.status.as_u16(), without_date(&reply.headers), body)
}

fn without_date(headers: &HeaderMap) -> Vec<String> {
    let mut headers: Vec<_> = headers
        .iter()
        .filter(|(name, _)| *name != "date")
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    headers.sort();
    headers
}
