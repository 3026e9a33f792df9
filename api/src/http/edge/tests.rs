use std::{collections::BTreeSet, time::Duration};

use actix_web::{
    App, HttpResponse,
    body::to_bytes,
    dev::Service,
    http::header::{ALLOW, CACHE_CONTROL, RETRY_AFTER},
    test::{TestRequest, init_service},
    web,
};
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::Value;

use super::*;
use crate::{
    http::problem::{Kind, Text},
    platform::OsEntropy,
};

const TEAPOT: Kind = Kind {
    slug: "teapot",
    status: StatusCode::IM_A_TEAPOT,
    title: Text::new("茶壶", "A teapot"),
};

async fn refuses() -> Result<HttpResponse, Problem> {
    Err(Problem {
        retry_after: Some(Duration::from_secs(7)),
        ..Problem::new(TEAPOT)
    })
}

async fn refuses_with_text_of_its_own() -> Result<HttpResponse, Error> {
    Err(actix_web::error::ErrorBadGateway("secret of upstream"))
}

async fn names_methods() -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .insert_header((ALLOW, "GET"))
        .body("no")
}

async fn panics() -> HttpResponse {
    panic!("secret of ours")
}

async fn waits() -> HttpResponse {
    std::future::pending().await
}

/// What came back, whether as a response or as an error that the server writes.
async fn ask(request: TestRequest) -> (HttpResponse, Value) {
    let app = App::new()
        .wrap(Edge::new(
            Arc::new(OsEntropy),
            &["/ok/{id}".to_owned()],
            true,
        ))
        .route("/ok/{id}", web::get().to(|| async { "ok" }))
        .route(
            "/kept",
            web::get().to(|| async {
                HttpResponse::Ok()
                    .insert_header((CACHE_CONTROL, "max-age=60"))
                    .finish()
            }),
        )
        .route("/refuses", web::get().to(refuses))
        .route("/text", web::get().to(refuses_with_text_of_its_own))
        .route("/methods", web::get().to(names_methods))
        .route("/panics", web::get().to(panics))
        .route("/waits", web::get().to(waits))
        .route(
            "/language",
            web::get().to(|language: Language| async move { language.tag() }),
        );
    let app = init_service(app).await;
    let response = match app.call(request.to_request()).await {
        Ok(response) => response.into_parts().1.map_into_boxed_body(),
        Err(error) => error.error_response(),
    };
    let (head, body) = response.into_parts();
    let body = to_bytes(body).await.unwrap();
    let json = serde_json::from_slice(&body)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&body).into()));
    (head.map_into_boxed_body(), json)
}

fn get(path: &str) -> TestRequest {
    TestRequest::with_uri(path)
}

fn header<'a>(response: &'a HttpResponse, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

#[actix_web::test]
async fn every_answer_carries_a_request_id_and_the_security_headers() {
    for path in [
        "/ok/1", "/refuses", "/text", "/methods", "/panics", "/nowhere",
    ] {
        let (response, _) = ask(get(path)).await;
        let id = header(&response, "x-request-id").unwrap();
        assert_eq!(id.len(), 32, "{path}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
            (
                "strict-transport-security",
                "max-age=31536000; includeSubDomains",
            ),
        ] {
            assert_eq!(header(&response, name), Some(value), "{path}");
        }
    }
}

#[actix_web::test]
async fn a_route_may_say_how_long_its_answer_keeps() {
    let (response, _) = ask(get("/kept")).await;
    assert_eq!(header(&response, "cache-control"), Some("max-age=60"));
}

#[actix_web::test]
async fn a_refusal_speaks_the_callers_language_and_quotes_the_request_id() {
    for (accept, title, tag) in [("en", "A teapot", "en"), ("zh", "茶壶", "zh-CN")] {
        let request = get("/refuses")
            .insert_header(("accept-language", accept))
            .insert_header(("x-request-id", "caller-chose-1"));
        let (response, problem) = ask(request).await;
        assert_eq!(response.status(), StatusCode::IM_A_TEAPOT);
        assert_eq!(problem["title"], title);
        assert_eq!(problem["request_id"], "caller-chose-1");
        assert_eq!(header(&response, "content-language"), Some(tag));
        assert_eq!(header(&response, "x-request-id"), Some("caller-chose-1"));
        assert_eq!(header(&response, RETRY_AFTER.as_str()), Some("7"));
    }
}

#[actix_web::test]
async fn whatever_refuses_the_caller_gets_a_problem_without_texts_of_ours() {
    for (path, status, slug) in [
        ("/text", 502, "internal"),
        ("/panics", 500, "internal"),
        ("/methods", 405, "method-not-allowed"),
        ("/nowhere", 404, "not-found"),
    ] {
        let (response, problem) = ask(get(path)).await;
        assert_eq!(response.status().as_u16(), status, "{path}");
        assert_eq!(
            header(&response, "content-type"),
            Some("application/problem+json"),
            "{path}"
        );
        assert_eq!(problem["type"], format!("urn:tongxing:problem:{slug}"));
        assert_eq!(problem["status"], status);
        assert!(!problem.to_string().contains("secret"), "{problem}");
    }
}

#[actix_web::test]
async fn headers_of_a_refusal_stay_when_its_body_is_replaced() {
    let (response, _) = ask(get("/methods")).await;
    assert_eq!(header(&response, ALLOW.as_str()), Some("GET"));
}

#[actix_web::test]
async fn handlers_may_ask_for_the_language() {
    let (_, tag) = ask(get("/language").insert_header(("accept-language", "en"))).await;
    assert_eq!(tag, "en");
}

#[actix_web::test]
async fn requests_are_counted_by_the_routes_pattern_and_never_by_what_callers_make_up() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _here = metrics::set_default_local_recorder(&recorder);
    ask(get("/ok/13800138000")).await;
    ask(get("/nowhere/13800138000")).await;
    ask(get("/panics").method(Method::from_bytes(b"INVENTED").unwrap())).await;
    let counted = recorder.handle().render();
    for line in [
        r#"http_requests_total{route="/ok/{id}",method="GET",status="2xx"} 1"#,
        r#"http_requests_total{route="unmatched",method="GET",status="4xx"} 1"#,
        r#"method="other",status="4xx"} 1"#,
        r#"http_request_seconds_count{route="/ok/{id}",method="GET"} 1"#,
        "http_requests_in_flight 0",
    ] {
        assert!(counted.contains(line), "{line}\n{counted}");
    }
    assert!(!counted.contains("13800138000") && !counted.contains("INVENTED"));
}

#[derive(Debug)]
struct KnowsSome;

impl Shortcut for KnowsSome {
    fn take(&self, head: &RequestHead) -> Option<Answering> {
        let answer = HttpResponse::Ok()
            .content_type("text/plain; charset=utf-8")
            .body("by the shortcut");
        match head.uri.path() {
            "/ok/known" => Some(Answering::AtHand(answer)),
            "/ok/soon" => Some(Answering::Soon(async { Ok(answer) }.boxed_local())),
            "/ok/refused" => Some(Answering::Soon(
                async { Err(Problem::new(TEAPOT)) }.boxed_local(),
            )),
            "/ok/broken" => panic!("secret of ours"),
            _ => None,
        }
    }
}

#[actix_web::test]
async fn what_holds_for_every_answer_holds_for_a_shortcuts() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _here = metrics::set_default_local_recorder(&recorder);
    let edge = Edge::new(Arc::new(OsEntropy), &["/ok/{id}".to_owned()], true);
    let app = App::new()
        .wrap(edge.with_shortcut(Arc::new(KnowsSome)))
        .route("/ok/{id}", web::get().to(|| async { "by the route" }));
    let app = init_service(app).await;
    let ask = async |path: &str| {
        let response = app.call(get(path).to_request()).await.unwrap();
        let (head, body) = response.into_parts().1.into_parts();
        let names = head.headers().keys().map(ToString::to_string);
        let names: BTreeSet<_> = names.collect();
        let body = to_bytes(body).await.ok().unwrap();
        (names, String::from_utf8(body.to_vec()).unwrap())
    };
    let (names, body) = ask("/ok/unknown").await;
    assert_eq!(body, "by the route");
    for path in ["/ok/known", "/ok/soon"] {
        assert_eq!(ask(path).await, (names.clone(), "by the shortcut".into()));
    }
    let (refused, problem) = ask("/ok/refused").await;
    assert!(refused.is_superset(&names));
    assert!(
        problem.contains("A teapot") || problem.contains("茶壶"),
        "{problem}"
    );
    assert_eq!(ask("/ok/broken").await.1, "by the route");

    let counted = recorder.handle().render();
    for line in [
        r#"http_requests_total{route="/ok/{id}",method="GET",status="2xx"} 4"#,
        r#"http_requests_total{route="/ok/{id}",method="GET",status="4xx"} 1"#,
        "http_requests_in_flight 0",
    ] {
        assert!(counted.contains(line), "{line}\n{counted}");
    }
}

#[actix_web::test]
async fn a_caller_that_goes_away_is_no_longer_in_flight() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _here = metrics::set_default_local_recorder(&recorder);
    let in_flight = |n: u32| format!("http_requests_in_flight {n}");
    {
        let mut waiting = Box::pin(ask(get("/waits")));
        assert!(waiting.as_mut().now_or_never().is_none());
        assert!(recorder.handle().render().contains(&in_flight(1)));
    }
    assert!(recorder.handle().render().contains(&in_flight(0)));
}
