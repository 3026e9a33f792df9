//! A request that is repeated with its key has its effect once.

use api::http::idempotency::forget_old;
use chrono::TimeDelta;
use futures_util::future::join_all;
use integration_tests::{
    backend::{Backend, Session, ZHANG, declaration},
    on_both_stacks,
};
use serde_json::{Value, json};

fn path(session: &Session) -> String {
    format!("/v1/people/{}/declarations", session.person)
}

async fn count(backend: &Backend, session: &Session) -> usize {
    let kept = backend.as_citizen(session).get(&path(session)).await.ok();
    kept["items"].as_array().unwrap().len()
}

fn elsewhere() -> Value {
    let mut report = declaration();
    report["address"] = json!("人民大道 2 号");
    report
}

on_both_stacks! {
    async fn a_repeated_request_gets_the_same_answer_and_no_second_effect(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified("13800138000", ZHANG).await;
        let page = backend.as_citizen(&zhang);

        let first = page.post_keyed(&path(&zhang), "k1", declaration()).await;
        backend.wait(TimeDelta::minutes(5));
        let again = page.post_keyed(&path(&zhang), "k1", declaration()).await;

        assert_eq!(first.status, 201);
        assert!(!first.headers.contains_key("idempotent-replayed"));
        assert_eq!(again.headers["idempotent-replayed"], "true");
        assert_eq!((again.status, again.body), (first.status, first.body));
        assert_eq!(count(&backend, &zhang).await, 1);
    }

    async fn thirty_two_at_once_with_one_key_have_one_effect(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified("13800138000", ZHANG).await;
        let page = backend.as_citizen(&zhang);
        let path = path(&zhang);

        let answers = join_all((0..32).map(|_| page.post_keyed(&path, "k1", declaration()))).await;

        let replayed = |name: &str| answers.iter().filter(|a| a.headers.contains_key(name)).count();
        assert_eq!(replayed("idempotent-replayed"), 31);
        assert!(answers.iter().all(|answer| answer.status == 201 && answer.body == answers[0].body));
        assert_eq!(count(&backend, &zhang).await, 1);
    }

    async fn a_key_that_belongs_to_another_request_is_refused(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified("13800138000", ZHANG).await;
        let page = backend.as_citizen(&zhang);
        page.post_keyed(&path(&zhang), "k1", declaration()).await.ok();

        let other = page.post_keyed(&path(&zhang), "k1", elsewhere()).await;
        assert_eq!(other.problem(422), "idempotency-key-reused");
        assert_eq!(count(&backend, &zhang).await, 1);
    }

    async fn another_person_may_use_the_same_key(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        let other = backend.log_in("13900139000").await;
        for session in [&zhang, &other] {
            let made = backend.as_citizen(session).post_keyed(&path(session), "k1", declaration()).await;
            assert_eq!(made.status, 201);
            assert!(!made.headers.contains_key("idempotent-replayed"));
            assert_eq!(made.json()["person"], session.person.as_str());
        }
    }

    async fn a_key_is_forgotten_after_a_day(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified("13800138000", ZHANG).await;
        backend.as_citizen(&zhang).post_keyed(&path(&zhang), "k1", declaration()).await.ok();

        backend.wait(TimeDelta::hours(24));
        forget_old(&backend.deps).await.unwrap();
        let zhang = backend.log_in("13800138000").await;
        let page = backend.as_citizen(&zhang);
        let kept = page.post_keyed(&path(&zhang), "k1", declaration()).await;
        assert_eq!(kept.headers["idempotent-replayed"], "true", "for the whole day");

        backend.wait(TimeDelta::milliseconds(1));
        forget_old(&backend.deps).await.unwrap();
        let anew = page.post_keyed(&path(&zhang), "k1", elsewhere()).await;
        assert_eq!(anew.status, 201);
        assert!(!anew.headers.contains_key("idempotent-replayed"));
        assert_eq!(count(&backend, &zhang).await, 2);
    }

    async fn a_request_that_writes_needs_a_key(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        let page = backend.as_citizen(&zhang);
        let bare = page.request(reqwest::Method::POST, &path(&zhang)).json(&declaration());
        let answer = integration_tests::call::Reply::to(bare).await;
        assert_eq!(answer.problem(400), "idempotency-key-missing");
        assert_eq!(count(&backend, &zhang).await, 0);
    }
}
