//! Whatever is refused, the answer is a problem that helps, and quotes nothing.

use std::collections::HashSet;

use integration_tests::{
    Backend, Stack,
    backend::{ZHANG, declaration},
    call::Reply,
};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// Stands where a value goes wrong, and must not come back.
const CANARY: &str = "canary7f3a";

#[tokio::test]
async fn every_refusal_is_a_problem() {
    let backend = Backend::start(Stack::Embedded).await;
    let zhang = backend.verified("13800138000", ZHANG).await;
    let page = backend.as_citizen(&zhang);
    let declare = format!("/v1/people/{}/declarations", zhang.person);
    let get = |path: &str| page.request(Method::GET, path);
    let posted = |body: Vec<u8>| {
        page.request(Method::POST, &declare)
            .header("idempotency-key", "a-key")
            .header("content-type", "application/json")
            .body(body)
    };
    let declared = |change: fn(&mut Value)| {
        let mut body = declaration();
        change(&mut body);
        posted(body.to_string().into_bytes())
    };
    let keyed = |key: &str| {
        let request = page.request(Method::POST, &declare).json(&declaration());
        request.header("idempotency-key", key)
    };

    let refusals = [
        (get("/v1/canary7f3a"), 404, "no-such-route"),
        (get("/v1/me/"), 404, "no-such-route"),
        (get("/%63anary7f3a"), 404, "no-such-route"),
        (
            page.request(Method::PATCH, "/v1/me?canary7f3a"),
            405,
            "method-not-allowed",
        ),
        (
            page.request(Method::OPTIONS, "/v1/me"),
            405,
            "method-not-allowed",
        ),
        (get("/v1/people/canary7f3a/health-code"), 404, "not-found"),
        (get("/v1/people/%ff/health-code"), 404, "not-found"),
        (get(&format!("{declare}/canary7f3a")), 404, "not-found"),
        (
            get(&format!("{declare}?limit=canary7f3a")),
            422,
            "invalid-request",
        ),
        (get(&format!("{declare}?limit=0")), 422, "invalid-request"),
        (get(&format!("{declare}?limit=101")), 422, "invalid-request"),
        (
            get(&format!("{declare}?after=canary7f3a")),
            422,
            "invalid-request",
        ),
        (
            get(&format!("{declare}?canary7f3a=1")),
            422,
            "invalid-request",
        ),
        (
            get(&format!("{declare}?limit=1&limit=2")),
            422,
            "invalid-request",
        ),
        (
            get(&format!("{declare}?after=%ff%00")),
            422,
            "invalid-request",
        ),
        (posted(Vec::new()), 400, "malformed-json"),
        (
            posted(b"{\"address\":\"canary7f3a".to_vec()),
            400,
            "malformed-json",
        ),
        (
            posted(b"{\"address\":\"canary7f3a\xff\"}".to_vec()),
            400,
            "malformed-json",
        ),
        (
            posted("[".repeat(20_000).into_bytes()),
            400,
            "malformed-json",
        ),
        (posted(vec![b' '; 70 * 1024]), 413, "body-too-large"),
        (
            declared(|body| body["address"] = json!("x".repeat(70 * 1024))),
            413,
            "body-too-large",
        ),
        (
            declared(|body| body["canary7f3a"] = json!(1)),
            422,
            "invalid-request",
        ),
        (
            declared(|body| body["health"]["canary7f3a"] = json!(1)),
            422,
            "invalid-request",
        ),
        (
            declared(|body| body["division"] = json!(CANARY)),
            422,
            "invalid-request",
        ),
        (
            declared(|body| body["health"]["symptoms"] = json!([CANARY])),
            422,
            "invalid-request",
        ),
        (
            declared(|body| body["health"]["temperature"] = json!(1e308)),
            422,
            "invalid-request",
        ),
        (
            declared(|body| body["residence"] = json!([{"place": CANARY}])),
            422,
            "invalid-request",
        ),
        (
            declared(|body| body["address"] = json!(CANARY.repeat(50))),
            422,
            "invalid-request",
        ),
        (
            keyed("one\u{a0}two").header("x-canary", CANARY),
            400,
            "idempotency-key-invalid",
        ),
        (keyed(&CANARY.repeat(26)), 400, "idempotency-key-invalid"),
        (keyed("a key"), 400, "idempotency-key-invalid"),
        (
            page.request(Method::POST, &declare).json(&declaration()),
            400,
            "idempotency-key-missing",
        ),
        (
            posted(b"{}".to_vec()).header("content-encoding", CANARY),
            422,
            "invalid-request",
        ),
        (
            backend
                .anyone()
                .request(Method::GET, "/v1/me")
                .bearer_auth(CANARY),
            401,
            "unauthenticated",
        ),
    ];
    for (request, status, kind) in refusals {
        let what = format!("{request:?}");
        assert_eq!(refused(request, status).await, kind, "{what}");
    }

    for media_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonx",
        "",
    ] {
        let request = page
            .request(Method::POST, &declare)
            .body(declaration().to_string());
        let request = request
            .header("idempotency-key", "a-key")
            .header("content-type", media_type);
        assert_eq!(refused(request, 415).await, "unsupported-media-type");
    }
}

/// Send `request` in both languages. The kind of the problem that both answers are.
async fn refused(request: RequestBuilder, status: u16) -> String {
    let mut kinds = HashSet::new();
    let mut titles = HashSet::new();
    for (asked, language) in [("zh-CN,zh;q=0.9", "zh-CN"), ("en-GB", "en")] {
        let (client, request) = request.try_clone().unwrap().build_split();
        let mut request = request.unwrap();
        request
            .headers_mut()
            .insert("accept-language", asked.parse().unwrap());
        request
            .headers_mut()
            .insert("x-request-id", "of-the-caller-1".parse().unwrap());
        let reply = Reply::of(client.execute(request).await.unwrap()).await;

        kinds.insert(reply.problem(status));
        assert_eq!(reply.headers["x-request-id"], "of-the-caller-1");
        assert_eq!(reply.headers["content-language"], language);
        assert_eq!(reply.headers["cache-control"], "no-store");
        let problem = reply.json();
        assert_eq!(problem["request_id"], "of-the-caller-1");
        titles.insert(problem["title"].as_str().unwrap().to_owned());
        for error in problem["errors"].as_array().into_iter().flatten() {
            assert!(!error["code"].as_str().unwrap().is_empty(), "{problem}");
            assert!(!error["message"].as_str().unwrap().is_empty(), "{problem}");
        }
        // The name of a field that does not exist is the exception: it says which to take away.
        let mut values = problem.clone();
        for error in values["errors"].as_array_mut().into_iter().flatten() {
            if error["code"] == "unknown_field" {
                error["field"] = Value::Null;
            }
        }
        assert!(!values.to_string().contains(CANARY), "quoted: {problem}");
        assert!(!format!("{:?}", reply.headers).contains(CANARY));
        assert_eq!(status == 405, reply.headers.contains_key("allow"));
    }
    assert_eq!(titles.len(), 2, "a title in each language: {titles:?}");
    assert_eq!(kinds.len(), 1);
    kinds.into_iter().next().unwrap()
}
