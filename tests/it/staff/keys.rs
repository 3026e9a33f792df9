//! Logging in and proving oneself again with a key.

use api::config::Limit;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use entity::{audit_entry, values::Role};
use integration_tests::{
    Backend, Stack,
    authenticator::{Authenticator, ORIGIN, Signs},
    call::{Caller, Reply},
    on_both_stacks,
};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{Invited, enrol, invited};

const CHALLENGE: &str = "/v1/staff/login/webauthn/challenges";
const LOGIN: &str = "/v1/staff/login/webauthn";

/// Somebody new, who enrolled a key.
async fn with_key(backend: &Backend, signs: Signs) -> (Invited, Authenticator) {
    let admin = backend.staff(Role::RegionAdmin, "310000").await;
    let invited = invited(&admin, "310101").await;
    let authenticator = Authenticator::new(signs);
    enrol(backend, &invited, &authenticator).await;
    (invited, authenticator)
}

async fn challenge(backend: &Backend) -> Value {
    backend.anyone().post(CHALLENGE, json!({})).await.ok()
}

async fn log_in(backend: &Backend, authenticator: &mut Authenticator) -> Reply {
    let used = authenticator.use_key(&challenge(backend).await);
    backend.anyone().post(LOGIN, used).await
}

fn as_staff(backend: &Backend, session: &Value) -> Caller {
    let token = session["token"].as_str().unwrap();
    backend.anyone().with_bearer(token)
}

on_both_stacks! {
    async fn whoever_enrolled_a_key_logs_in_with_it(stack: Stack) {
        let backend = Backend::start(stack).await;
        for signs in [Signs::Es256, Signs::EdDsa] {
            let (invited, mut key) = with_key(&backend, signs).await;
            let session = log_in(&backend, &mut key).await.ok();
            assert_eq!(session["account_id"], invited.account, "{signs:?}");
            as_staff(&backend, &session).get("/v1/staff/me").await.ok();
        }
    }

    async fn a_challenge_is_good_once_and_for_five_minutes(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (_, mut key) = with_key(&backend, Signs::EdDsa).await;
        let options = challenge(&backend).await;
        backend.anyone().post(LOGIN, key.use_key(&options)).await.ok();
        let again = backend.anyone().post(LOGIN, key.use_key(&options)).await;
        assert_eq!(again.problem(401), "staff-login-refused");
        let options = challenge(&backend).await;
        backend.wait(TimeDelta::minutes(5));
        let late = backend.anyone().post(LOGIN, key.use_key(&options)).await;
        assert_eq!(late.problem(401), "staff-login-refused");
    }

    async fn what_answers_no_challenge_leaves_no_trace_and_is_counted(stack: Stack) {
        let backend = Backend::start_with(stack, |config| {
            config.staff.per_address = Limit::new(6, 3600);
        })
        .await;
        let made_up = |challenge: &str| {
            let data = json!({"type": "webauthn.get", "challenge": challenge, "origin": ORIGIN});
            let encoded = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
            json!({
                "credential_id": encoded(b"nobodys"),
                "client_data": encoded(data.to_string().as_bytes()),
                "authenticator_data": encoded(&[0; 37]),
                "signature": encoded(&[0; 64]),
            })
        };
        let refused = async |challenge: &str| {
            let reply = backend.anyone().post(LOGIN, made_up(challenge)).await;
            assert_eq!(reply.problem(401), "staff-login-refused");
            let entries = audit_entry::Entity::find().all(&backend.deps.db).await.unwrap();
            entries.iter().filter(|entry| entry.event == "staff_proof_refused").count()
        };
        for challenge in ["", "x", &BASE64_URL_SAFE_NO_PAD.encode([7; 32])] {
            assert_eq!(refused(challenge).await, 0, "{challenge}");
        }
        let ours = challenge(&backend).await;
        assert_eq!(refused(ours["challenge"].as_str().unwrap()).await, 1);
        assert_eq!(refused(ours["challenge"].as_str().unwrap()).await, 1, "it is spent");
        let reply = backend.anyone().post(LOGIN, made_up("x")).await;
        assert_eq!(reply.problem(429), "too-many-attempts");
    }

    async fn proving_oneself_again_with_a_key_is_tried_as_often_as_with_a_code(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (_, mut key) = with_key(&backend, Signs::EdDsa).await;
        let staff = as_staff(&backend, &log_in(&backend, &mut key).await.ok());
        let used = key.use_key(&challenge(&backend).await);
        for _ in 0..5 {
            let refused = staff.post("/v1/staff/step-up/webauthn", used.clone()).await;
            assert_eq!(refused.problem(403), "proof-refused");
        }
        let refused = staff.post("/v1/staff/step-up/webauthn", used).await;
        assert_eq!(refused.problem(429), "too-many-attempts");
    }

    async fn a_copied_key_is_refused(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (_, mut key) = with_key(&backend, Signs::Es256).await;
        key.counter = 10;
        log_in(&backend, &mut key).await.ok();
        key.counter = 3;
        assert_eq!(log_in(&backend, &mut key).await.problem(401), "staff-login-refused");
        key.counter = 20;
        log_in(&backend, &mut key).await.ok();
    }
}

#[tokio::test]
async fn what_another_page_or_no_owner_made_is_refused() {
    let backend = Backend::start(Stack::Embedded).await;
    let (_, mut key) = with_key(&backend, Signs::EdDsa).await;
    key.origin = "https://localhost.evil".into();
    log_in(&backend, &mut key).await.problem(401);
    key.origin = integration_tests::authenticator::ORIGIN.into();
    key.verifies = false;
    log_in(&backend, &mut key).await.problem(401);
    key.verifies = true;
    let mut unknown = Authenticator::new(Signs::EdDsa);
    log_in(&backend, &mut unknown).await.problem(401);
    let mut used = key.use_key(&challenge(&backend).await);
    used["signature"] = unknown.use_key(&challenge(&backend).await)["signature"].clone();
    backend.anyone().post(LOGIN, used).await.problem(401);
    log_in(&backend, &mut key).await.ok();
}

#[tokio::test]
async fn a_key_proves_its_owner_again_and_nobody_else() {
    let backend = Backend::start(Stack::Embedded).await;
    let (_, mut key) = with_key(&backend, Signs::EdDsa).await;
    let (_, mut others) = with_key(&backend, Signs::EdDsa).await;
    let staff = as_staff(&backend, &log_in(&backend, &mut key).await.ok());
    let path = "/v1/staff/step-up/webauthn";
    let fresh = async || {
        staff
            .post(&format!("{path}/challenges"), json!({}))
            .await
            .ok()
    };
    let by_other = staff.post(path, others.use_key(&fresh().await)).await;
    assert_eq!(by_other.problem(403), "proof-refused");
    let for_log_in = key.use_key(&challenge(&backend).await);
    let refused = staff.post(path, for_log_in).await;
    assert_eq!(refused.problem(403), "proof-refused");
    let for_step_up = key.use_key(&fresh().await);
    backend.anyone().post(LOGIN, for_step_up).await.problem(401);
    staff.post(path, key.use_key(&fresh().await)).await.ok();
}

#[tokio::test]
async fn a_key_is_enrolled_for_whom_its_challenge_was_given_out() {
    let backend = Backend::start(Stack::Embedded).await;
    let admin = backend.staff(Role::RegionAdmin, "310000").await;
    let [one, other] = [
        invited(&admin, "310101").await,
        invited(&admin, "310101").await,
    ];
    let key = Authenticator::new(Signs::EdDsa);
    let path = "/v1/staff/enrolment/webauthn";
    let secret = json!({"secret": one.secret});
    let options = backend.anyone().post(path, secret).await.ok();
    let mut made = key.make(&options);
    made["secret"] = json!(other.secret);
    let refused = backend
        .anyone()
        .post(&format!("{path}/confirmation"), made)
        .await;
    assert_eq!(refused.problem(403), "proof-refused");
    enrol(&backend, &one, &key).await;
    let again = json!({"secret": other.secret});
    let options = backend.anyone().post(path, again).await.ok();
    let mut made = key.make(&options);
    made["secret"] = json!(other.secret);
    let refused = backend
        .anyone()
        .post(&format!("{path}/confirmation"), made)
        .await;
    assert_eq!(refused.problem(403), "proof-refused", "the key is taken");
}
