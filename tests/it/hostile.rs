//! What strangers send on purpose: each is refused in the way that is promised, and none is a
//! failure of ours.

mod input;
mod tokens;

use std::collections::BTreeSet;

use futures_util::future::join_all;
use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, ZHANG, declaration},
    call::{Caller, Reply},
    document::{Operation, operations},
    on_both_stacks,
};
use reqwest::header::HeaderMap;
use sea_orm::{EntityTrait, PaginatorTrait};
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
        assert_eq!(seen, 10, "so many operations name somebody or something of theirs");
        backend.as_citizen(&stranger).get("/v1/me").await.ok();
        assert_eq!(backend.as_citizen(&stranger).get("/v1/sessions").await.ok(), sessions);
    }

    async fn of_many_posts_with_one_key_one_has_its_effect(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified("13800138000", ZHANG).await;
        let page = backend.as_citizen(&zhang);
        let declare = format!("/v1/people/{}/declarations", zhang.person);

        let posts = (0..32).map(|_| page.post_keyed(&declare, "the-same-key", declaration()));
        let replies = join_all(posts).await;
        let answers: BTreeSet<_> = replies.iter().map(|reply| reply.body.clone()).collect();
        assert!(replies.iter().all(|reply| reply.status == 201));
        assert_eq!(answers.len(), 1, "everybody gets the same answer");
        let first = |reply: &&Reply| !reply.headers.contains_key("idempotent-replayed");
        assert_eq!(replies.iter().filter(first).count(), 1);
        let rows = entity::declaration::Entity::find().count(&backend.deps.db).await.unwrap();
        assert_eq!(rows, 1);
    }

    async fn a_key_means_one_request_of_one_person(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified("13800138000", ZHANG).await;
        let page = backend.as_citizen(&zhang);
        let of_zhang = |what: &str| format!("/v1/people/{}/{what}", zhang.person);
        let first = page.post_keyed(&of_zhang("declarations"), "a-key", declaration()).await;
        let again = page.post_keyed(&of_zhang("declarations"), "a-key", declaration()).await;
        assert_eq!((first.status, &first.body), (again.status, &again.body));
        assert_eq!(again.headers["idempotent-replayed"], "true");

        let mut other = declaration();
        other["address"] = json!("中山路 2 号");
        let reused = page.post_keyed(&of_zhang("declarations"), "a-key", other).await;
        assert_eq!(reused.problem(422), "idempotency-key-reused");
        let checked_in = page.post_keyed(&of_zhang("check-ins"), "a-key", json!({"temperature": 36.5})).await;
        assert_eq!(checked_in.status, 201, "within another operation it is another key");

        let li = backend.verified("13900139000", GRANDMOTHER).await;
        let of_li = format!("/v1/people/{}/declarations", li.person);
        let theirs = backend.as_citizen(&li).post_keyed(&of_li, "a-key", declaration()).await.ok();
        assert_eq!(theirs["person"], li.person, "of another person too");
    }
}

/// Status, headers and body of the answer, without what tells requests apart.
async fn ask(page: &Caller, operation: &Operation, path: &str) -> (u16, Vec<String>, Value) {
    let body = match operation.path.rsplit('/').next() {
        Some("declarations") => declaration(),
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
