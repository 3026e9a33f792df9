//! Whatever is refused, the answer is a problem that helps, and quotes nothing.

use std::collections::HashSet;

use integration_tests::{
    Backend, Stack,
    backend::{ZHANG, declaration},
    call::{Caller, Reply},
};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// Stands where a value goes wrong, and must not come back.
const CANARY: &str = "canary7f3a";

#[tokio::test]
async fn every_refusal_is_a_problem() {
    let backend = Backend::start(Stack::Embedded).await;
    let zhang = backend.verified("13800138000", ZHANG).await;
    let asker = Asker {
        page: backend.as_citizen(&zhang),
        declare: format!("/v1/people/{}/declarations", zhang.person),
    };
    let groups = [
        asker.paths(),
        asker.queries(),
        asker.bodies(),
        asker.headers(&backend),
    ];
    for (request, status, kind) in groups.into_iter().flatten() {
        let what = format!("{request:?}");
        assert_eq!(refused(request, status).await, kind, "{what}");
    }
}

/// A request, and the status and kind of the problem that answers it.
type Refusal = (RequestBuilder, u16, &'static str);

/// Somebody who asks for what is refused.
struct Asker {
    page: Caller,
    declare: String,
}

impl Asker {
    fn get(&self, path: &str) -> RequestBuilder {
        self.page.request(Method::GET, path)
    }

    fn post(&self) -> RequestBuilder {
        self.page.request(Method::POST, &self.declare)
    }

    fn posted(&self, body: Vec<u8>) -> RequestBuilder {
        let request = self.post().header("idempotency-key", "a-key");
        request
            .header("content-type", "application/json")
            .body(body)
    }

    fn declared(&self, change: fn(&mut Value)) -> RequestBuilder {
        let mut body = declaration();
        change(&mut body);
        self.posted(body.to_string().into_bytes())
    }

    fn paths(&self) -> Vec<Refusal> {
        let page = &self.page;
        let of_nothing = format!("{}/canary7f3a", self.declare);
        vec![
            (self.get("/v1/canary7f3a"), 404, "no-such-route"),
            (self.get("/v1/me/"), 404, "no-such-route"),
            (self.get("/%63anary7f3a"), 404, "no-such-route"),
            (
                self.get("/v1/people/canary7f3a/health-code"),
                404,
                "not-found",
            ),
            (self.get("/v1/people/%ff/health-code"), 404, "not-found"),
            (self.get(&of_nothing), 404, "not-found"),
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
        ]
    }

    fn queries(&self) -> Vec<Refusal> {
        [
            "limit=canary7f3a",
            "limit=0",
            "limit=101",
            "limit=1&limit=2",
            "after=canary7f3a",
            "after=%ff%00",
            "canary7f3a=1",
        ]
        .map(|query| self.get(&format!("{}?{query}", self.declare)))
        .map(|request| (request, 422, "invalid-request"))
        .into()
    }

    fn bodies(&self) -> Vec<Refusal> {
        let malformed: [&[u8]; 4] = [
            b"",
            b"{\"address\":\"canary7f3a",
            b"{\"address\":\"canary7f3a\xff\"}",
            &[b'['; 200],
        ];
        let malformed = malformed.map(|body| (self.posted(body.into()), 400, "malformed-json"));
        let large: [Vec<u8>; 2] = [
            vec![b' '; 70 * 1024],
            json!({"address": "x".repeat(70 * 1024)}).to_string().into(),
        ];
        let large = large.map(|body| (self.posted(body), 413, "body-too-large"));
        let changes: [fn(&mut Value); 8] = [
            |body| body["canary7f3a"] = json!(1),
            |body| body["health"]["canary7f3a"] = json!(1),
            |body| body["division"] = json!(CANARY),
            |body| body["health"]["symptoms"] = json!([CANARY]),
            |body| body["health"]["temperature"] = json!(1e308),
            |body| body["residence"] = json!([{"place": CANARY}]),
            |body| body["address"] = json!(CANARY.repeat(50)),
            |body| *body = json!(CANARY),
        ];
        let wrong = changes.map(|change| (self.declared(change), 422, "invalid-request"));
        malformed.into_iter().chain(large).chain(wrong).collect()
    }

    fn headers(&self, backend: &Backend) -> Vec<Refusal> {
        let stranger = backend
            .anyone()
            .request(Method::GET, "/v1/me")
            .bearer_auth(CANARY);
        let keyless = self.post().json(&declaration());
        let keys = ["one\u{a0}two", "a key", &CANARY.repeat(26)].map(|key| {
            let request = self
                .post()
                .json(&declaration())
                .header("idempotency-key", key);
            (request, 400, "idempotency-key-invalid")
        });
        let media_types = ["text/plain", "application/jsonx", "multipart/form-data", ""];
        let media_types = media_types.map(|media_type| {
            let request = self.post().header("idempotency-key", "a-key");
            let request = request
                .header("content-type", media_type)
                .body(declaration().to_string());
            (request, 415, "unsupported-media-type")
        });
        let others = [
            (stranger, 401, "unauthenticated"),
            (keyless, 400, "idempotency-key-missing"),
        ];
        others.into_iter().chain(keys).chain(media_types).collect()
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
