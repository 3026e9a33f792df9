//! The express lane shows what the route shows, and never longer than the route would.

use actix_web::{body::to_bytes, test::TestRequest};
use api::{
    health_code::Express,
    http::edge::{Answering, Shortcut},
};
use chrono::TimeDelta;
use entity::values::VenueCategory;
use integration_tests::{
    backend::{Backend, Session, ZHANG},
    call::Reply,
    on_both_stacks,
};
use reqwest::Method;
use serde_json::{Value, json};

const PHONE: &str = "13800138000";

fn path_of(person: &str) -> String {
    format!("/v1/people/{person}/health-code")
}

/// Ask as a page does: by the lane, where it has an answer.
async fn show(backend: &Backend, zhang: &Session) -> Reply {
    let page = backend.as_citizen(zhang);
    page.get(&path_of(&zhang.person)).await
}

/// What the lane says to `citizen` of `person` without asking anybody.
async fn lane_says(backend: &Backend, citizen: &Session, person: &str) -> Option<Value> {
    let request = TestRequest::with_uri(&path_of(person))
        .insert_header(("authorization", format!("Bearer {}", citizen.access)))
        .insert_header(("accept-language", "en"))
        .to_srv_request();
    let lane = Express::new(backend.deps.clone().into_inner());
    let Answering::AtHand(answer) = lane.take(request.head())? else {
        return None;
    };
    let body = to_bytes(answer.into_body()).await.ok()?;
    serde_json::from_slice(&body).ok()
}

async fn lane_shows(backend: &Backend, zhang: &Session) -> Option<Value> {
    lane_says(backend, zhang, &zhang.person).await
}

async fn turn_yellow(backend: &Backend, zhang: &Session) {
    let path = format!("/v1/people/{}/check-ins", zhang.person);
    let fever = json!({"temperature": 38.0, "symptoms": []});
    backend.as_citizen(zhang).post(&path, fever).await.ok();
    backend.compare().await;
}

on_both_stacks! {
    async fn the_lane_and_the_route_answer_alike(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        show(&backend, &zhang).await.ok();
        assert!(lane_shows(&backend, &zhang).await.is_some(), "or this compares the route with itself");

        // The lane knows one way to write an id, the route each of them.
        let by_route = path_of(&zhang.person.replace('-', ""));
        for what in ["", ".png", ".png?scale=2", ".svg"] {
            for language in ["en", "zh-CN", "fr", "en;q=0.1, zh"] {
                let page = backend.as_citizen(&zhang).in_language(language);
                let ask = async |path: &str| {
                    let asked = page.request(Method::GET, &format!("{path}{what}"));
                    let mut reply = Reply::to(asked.header("x-request-id", "chosen-by-me")).await;
                    reply.headers.remove("date");
                    reply
                };
                let asking = ask(&path_of(&zhang.person)).await;
                let (lane, route) = (ask(&path_of(&zhang.person)).await, ask(&by_route).await);
                for lane in [asking, lane] {
                    assert_eq!(lane.status, route.status, "{what} {language}");
                    assert_eq!(lane.headers, route.headers, "{what} {language}");
                    assert_eq!(lane.body, route.body, "{what} {language}");
                }
            }
        }
    }

    async fn a_scan_is_answered_alike_by_its_lane_and_its_route(stack: Stack) {
        const JSON: &str = "application/json";
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let scan = json!({"code": venue.code_text}).to_string();
        // Whoever comes again is answered the same each time.
        backend.as_citizen(&zhang).post("/v1/visits", json!({"code": venue.code_text})).await.ok();
        for (who, kind, body, status) in [
            (backend.as_citizen(&zhang), JSON, scan.as_str(), 200),
            (backend.as_citizen(&zhang).in_language("en"), JSON, scan.as_str(), 200),
            (backend.as_citizen(&zhang), "text/plain", scan.as_str(), 415),
            (backend.as_citizen(&zhang), JSON, r#"{"code": 1}"#, 422),
            (backend.as_citizen(&zhang), JSON, r#"{"code": "x", "more": 1}"#, 422),
            (backend.as_citizen(&zhang), JSON, r#"{"code": "https://elsewhere.example/v/x"}"#, 422),
            (backend.as_citizen(&zhang), JSON, "{", 400),
            (backend.anyone().clone(), JSON, scan.as_str(), 401),
            (backend.anyone().clone(), JSON, "{", 401),
        ] {
            let ask = async |path: &str| {
                let asked = who.request(Method::POST, path).header("content-type", kind);
                let asked = asked.header("x-request-id", "chosen-by-me").body(body.to_owned());
                let mut reply = Reply::to(asked).await;
                reply.headers.remove("date");
                reply
            };
            // The lane knows one way to write the path, the route each of them.
            let (lane, route) = (ask("/v1/visits").await, ask("/v1/%76isits").await);
            assert_eq!(lane.status, status, "{body}: {:?}", lane.body);
            assert_eq!(lane.status, route.status, "{body}");
            assert_eq!(lane.headers, route.headers, "{body}");
            assert_eq!(lane.body, route.body, "{body}");
        }
    }

    async fn the_lane_is_silent_where_this_process_has_shown_nothing(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        show(&backend, &zhang).await.ok();
        let other = backend.another_instance().await;
        assert_eq!(lane_shows(&other, &zhang).await, None);
    }

    async fn the_lane_believes_nothing_for_longer_than_two_seconds(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        show(&backend, &zhang).await.ok();
        backend.wait(TimeDelta::milliseconds(1_999));
        assert!(lane_shows(&backend, &zhang).await.is_some());
        backend.wait(TimeDelta::milliseconds(1));
        assert_eq!(lane_shows(&backend, &zhang).await, None);
    }

    async fn who_logs_out_has_no_lane_any_more(stack: Stack) {
        let one = Backend::start(stack).await;
        let other = one.another_instance().await;
        let zhang = one.green(PHONE, ZHANG).await;
        for backend in [&one, &other] {
            show(backend, &zhang).await.ok();
            assert!(lane_shows(backend, &zhang).await.is_some());
        }

        one.as_citizen(&zhang).delete("/v1/sessions/current").await.ok();

        assert_eq!(lane_shows(&one, &zhang).await, None, "at once, where they logged out");
        show(&one, &zhang).await.problem(401);
        one.wait(TimeDelta::seconds(2));
        assert_eq!(lane_shows(&other, &zhang).await, None, "elsewhere two seconds later");
        show(&other, &zhang).await.problem(401);
    }

    async fn an_old_colour_has_no_lane_any_more(stack: Stack) {
        let one = Backend::start(stack).await;
        let other = one.another_instance().await;
        let zhang = one.green(PHONE, ZHANG).await;
        for backend in [&one, &other] {
            show(backend, &zhang).await.ok();
        }

        turn_yellow(&one, &zhang).await;

        assert_eq!(lane_shows(&one, &zhang).await, None, "at once, where it was compared");
        assert_eq!(show(&one, &zhang).await.ok()["colour"], "yellow");
        assert_eq!(lane_shows(&one, &zhang).await.unwrap()["colour"], "yellow");
        one.wait(TimeDelta::seconds(2));
        assert_eq!(lane_shows(&other, &zhang).await, None, "elsewhere two seconds later");
    }

    async fn the_lane_and_the_route_refuse_alike(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let stranger = backend.as_citizen(&backend.log_in("13900139000").await);
        let by_route = path_of(&zhang.person.replace('-', ""));
        for caller in [&stranger, &stranger.with_bearer("x"), backend.anyone()] {
            for what in ["", ".png", ".png?scale=99"] {
                let ask = async |path: &str| {
                    let asked = caller.request(Method::GET, &format!("{path}{what}"));
                    let mut reply = Reply::to(asked.header("x-request-id", "chosen-by-me")).await;
                    reply.headers.remove("date");
                    reply
                };
                let (lane, route) = (ask(&path_of(&zhang.person)).await, ask(&by_route).await);
                assert!(lane.status.is_client_error());
                assert_eq!((lane.status, lane.headers), (route.status, route.headers), "{what}");
                assert_eq!(lane.body, route.body, "{what}");
            }
        }
    }

    async fn a_strangers_code_has_no_lane(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let stranger = backend.log_in("13900139000").await;
        show(&backend, &zhang).await.ok();
        show(&backend, &stranger).await.ok();
        assert!(lane_shows(&backend, &stranger).await.is_some());

        assert_eq!(lane_says(&backend, &stranger, &zhang.person).await, None);
        let nobody = Session { access: format!("{}x", zhang.access), ..zhang.clone() };
        assert_eq!(lane_shows(&backend, &nobody).await, None);
        let path = path_of(&zhang.person);
        backend.as_citizen(&stranger).get(&path).await.problem(404);
        backend.as_citizen(&nobody).get(&path).await.problem(401);
        backend.anyone().get(&path).await.problem(401);
    }
}
