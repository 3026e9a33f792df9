//! What still works while a store is away. On the production stack, whose stores can be away.

use api::{
    config::{Config, Store},
    health_code::assess_due,
    identity,
    platform::{Secret, db::begin_write},
    recheck,
};
use chrono::TimeDelta;
use entity::values::PersonId;
use integration_tests::{
    Stack,
    backend::{Backend, GRANDMOTHER, Session, ZHANG, declaration},
    redis::PrivateRedis,
};
use serde_json::{Value, json};

const PHONE: &str = "13800138000";

fn on(redis: &PrivateRedis) -> impl FnOnce(&mut Config) + use<> {
    let url = redis.url();
    move |config| {
        config.ephemeral.kind = Store::Redis;
        config.ephemeral.urls = vec![Secret::new(url)];
        config.database.acquire_timeout_ms = 1_000;
    }
}

async fn code_of(backend: &Backend, zhang: &Session) -> Value {
    let path = format!("/v1/people/{}/health-code", zhang.person);
    backend.as_citizen(zhang).get(&path).await.ok()
}

async fn verify(backend: &Backend, token: &Value) -> Value {
    let asked = json!({"token": token});
    backend.anyone().post("/v1/codes/verify", asked).await.ok()
}

async fn declare_fever(backend: &Backend, zhang: &Session) {
    let mut fever = declaration();
    fever["health"]["temperature"] = json!(38.0);
    let path = format!("/v1/people/{}/declarations", zhang.person);
    backend.as_citizen(zhang).post(&path, fever).await.ok();
}

/// What does not answer, by `/readyz`.
async fn not_ready(backend: &Backend) -> Vec<String> {
    let answer = backend.anyone().get("/readyz").await;
    assert_eq!(answer.problem(503), "not-ready");
    answer.faults().into_iter().map(|(what, _)| what).collect()
}

/// Wait until a store that came back is noticed: who did not answer is not asked for a moment.
async fn ready_again(backend: &Backend) {
    let noticed = async { while backend.anyone().get("/readyz").await.status != 200 {} };
    let bound = std::time::Duration::from_secs(30);
    tokio::time::timeout(bound, noticed)
        .await
        .expect("ready again");
}

/// All that must go on without the short-lived store.
async fn goes_on_without_redis(backend: &Backend, zhang: &Session) {
    backend.wait(TimeDelta::seconds(3));
    let code = code_of(backend, zhang).await;
    assert_eq!(
        (&code["colour"], &code["stale"]),
        (&json!("green"), &json!(false))
    );
    assert_eq!(verify(backend, &code["token"]).await["colour"], "green");
    backend.as_citizen(zhang).get("/v1/me").await.ok();

    declare_fever(backend, zhang).await;
    assess_due(&backend.deps).await.unwrap_err();
    backend.wait(TimeDelta::seconds(3));
    assert_eq!(code_of(backend, zhang).await["colour"], "yellow");

    let asked = backend
        .anyone()
        .post("/v1/login/sms-codes", json!({"phone": "13900139000"}))
        .await;
    asked.problem(503);
    assert_eq!(
        backend.mock.latest_sms_code("13900139000"),
        None,
        "nothing was sent unlimited"
    );
    assert_eq!(not_ready(backend).await, ["ephemeral"]);
    assert_eq!(backend.anyone().get("/healthz").await.status, 200);
}

mod production {
    use super::*;

    #[tokio::test]
    async fn without_redis_codes_are_shown_and_declarations_kept_and_no_sms_is_sent() {
        let mut redis = PrivateRedis::start().await;
        let backend = Backend::start_with(Stack::Production, on(&redis)).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        code_of(&backend, &zhang).await;

        redis.kill().await;
        goes_on_without_redis(&backend, &zhang).await;

        redis.restart().await;
        ready_again(&backend).await;
        backend.wait(recheck::LEASE);
        assert_eq!(
            backend.compare().await,
            1,
            "what Redis did not hear is told again"
        );
        let other = backend.another_instance().await;
        assert_eq!(code_of(&other, &zhang).await["colour"], "yellow");
    }

    #[tokio::test]
    async fn a_redis_that_hangs_is_as_good_as_gone() {
        let redis = PrivateRedis::start().await;
        let backend = Backend::start_with(Stack::Production, on(&redis)).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        code_of(&backend, &zhang).await;
        redis.hang().await;
        goes_on_without_redis(&backend, &zhang).await;
    }

    #[tokio::test]
    async fn without_redis_everybody_who_waits_is_still_compared() {
        let mut redis = PrivateRedis::start().await;
        let backend = Backend::start_with(Stack::Production, on(&redis)).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let mut waiting = vec![zhang];
        for phone in ["13900139000", "13700137000"] {
            waiting.push(backend.log_in(phone).await);
        }
        redis.kill().await;
        for person in &waiting {
            declare_fever(&backend, person).await;
        }
        assess_due(&backend.deps).await.unwrap_err();
        backend.wait(TimeDelta::seconds(3));
        for person in &waiting {
            assert_eq!(code_of(&backend, person).await["colour"], "yellow");
        }

        redis.restart().await;
        ready_again(&backend).await;
        assert_eq!(
            backend.compare().await,
            3,
            "their outcomes are still to be shared"
        );
    }

    #[tokio::test]
    async fn without_a_database_known_codes_are_shown_and_nothing_is_acknowledged() {
        let redis = PrivateRedis::start().await;
        let backend = Backend::start_with(Stack::Production, on(&redis)).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        code_of(&backend, &zhang).await;

        backend.database.shut().await;
        backend.wait(TimeDelta::seconds(3));
        let code = code_of(&backend, &zhang).await;
        assert_eq!(
            (&code["colour"], &code["stale"]),
            (&json!("green"), &json!(false)),
            "Redis says so"
        );
        let path = format!("/v1/people/{}/declarations", zhang.person);
        let page = backend.as_citizen(&zhang);
        page.post_keyed(&path, "k1", declaration())
            .await
            .problem(503);
        assert_eq!(not_ready(&backend).await, ["database"]);
        assert_eq!(backend.anyone().get("/healthz").await.status, 200);

        backend.database.open().await;
        ready_again(&backend).await;
        let kept = page.post_keyed(&path, "k1", declaration()).await;
        assert_eq!(
            (kept.status.as_u16(), &kept.json()["version"]),
            (201, &json!(2))
        );
    }

    #[tokio::test]
    async fn without_both_a_known_code_is_shown_for_ten_minutes_and_marked() {
        let mut redis = PrivateRedis::start().await;
        let backend = Backend::start_with(Stack::Production, on(&redis)).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let before = code_of(&backend, &zhang).await;
        let path = format!("/v1/people/{}/health-code", zhang.person);

        backend.database.shut().await;
        redis.kill().await;
        backend.wait(TimeDelta::milliseconds(599_999));
        let code = code_of(&backend, &zhang).await;
        assert_eq!(
            (&code["colour"], &code["stale"]),
            (&json!("green"), &json!(true))
        );
        assert_ne!(
            code["token"], before["token"],
            "signed anew, without any store"
        );
        let verdict = verify(&backend, &code["token"]).await;
        assert_eq!(
            (&verdict["verdict"], &verdict["stale"]),
            (&json!("valid"), &json!(true))
        );
        assert_eq!(not_ready(&backend).await, ["database", "ephemeral"]);

        backend.wait(TimeDelta::milliseconds(1));
        backend.as_citizen(&zhang).get(&path).await.problem(503);

        backend.database.open().await;
        redis.restart().await;
        ready_again(&backend).await;
        let code = code_of(&backend, &zhang).await;
        assert_eq!(
            (&code["colour"], &code["stale"]),
            (&json!("green"), &json!(false))
        );
    }

    #[tokio::test]
    async fn a_locked_person_waits_and_nobody_else_does() {
        let impatient = |config: &mut Config| config.database.lock_timeout_ms = 100;
        let backend = Backend::start_with(Stack::Production, impatient).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let li = backend.green("13900139000", GRANDMOTHER).await;
        declare_fever(&backend, &zhang).await;
        declare_fever(&backend, &li).await;

        let tx = begin_write(&backend.deps.db).await.unwrap();
        let locked = PersonId(zhang.person.parse().unwrap());
        identity::lock(&tx, locked).await.unwrap();
        assert_eq!(assess_due(&backend.deps).await.unwrap(), 2);
        backend.wait(TimeDelta::seconds(3));
        assert_eq!(code_of(&backend, &zhang).await["colour"], "green");
        assert_eq!(code_of(&backend, &li).await["colour"], "yellow");

        tx.rollback().await.unwrap();
        assert_eq!(backend.compare().await, 1);
        assert_eq!(code_of(&backend, &zhang).await["colour"], "yellow");
    }
}
