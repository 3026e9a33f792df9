//! Whoever is invited enrols once, with what they were handed.

use chrono::TimeDelta;
use entity::values::Role;
use integration_tests::{Backend, Stack, authenticator::totp, on_both_stacks};
use reqwest::Method;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::invited;

const TOTP: &str = "/v1/staff/enrolment/totp";
const CONFIRM: &str = "/v1/staff/enrolment/totp/confirmation";
const KEY: &str = "/v1/staff/enrolment/webauthn";

on_both_stacks! {
    async fn whoever_is_invited_enrols_an_app_and_logs_in(stack: Stack) {
        let backend = Backend::start(stack).await;
        let coder = super::coder(&backend).await;
        let session = backend.anyone().post("/v1/staff/login/totp", coder.login(&backend.deps)).await.ok();
        assert_eq!(session["account_id"], coder.account);
        let staff = backend.anyone().with_bearer(session["token"].as_str().unwrap());
        let me = staff.get("/v1/staff/me").await.ok();
        assert_eq!((&me["name"], &me["unit"], &me["grants"]), (&json!("陈静"), &json!("卫健委"), &json!([])));
        assert_eq!(staff.get("/v1/staff/accounts").await.problem(403), "role-required");
    }

    async fn an_invitation_is_good_once(stack: Stack) {
        let backend = Backend::start(stack).await;
        let admin = backend.staff(Role::RegionAdmin, "310000").await;
        let invited = invited(&admin, "310101").await;
        let secret = json!({"secret": invited.secret});
        let anyone = backend.anyone();
        let first = anyone.post(TOTP, secret.clone()).await.ok();
        let second = anyone.post(TOTP, secret.clone()).await.ok();
        assert_ne!(first["otpauth_uri"], second["otpauth_uri"]);

        let now = backend.deps.clock.now();
        let with = |app: &Value| {
            let code = totp(app["otpauth_uri"].as_str().unwrap(), now);
            json!({"secret": invited.secret, "code": code})
        };
        assert_eq!(anyone.post(CONFIRM, with(&first)).await.problem(403), "proof-refused");
        let (one, other) = tokio::join!(anyone.post(CONFIRM, with(&second)), anyone.post(CONFIRM, with(&second)));
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert!(statuses[0] == 204 && statuses[1] > 400, "{statuses:?}");
        for path in [TOTP, KEY] {
            assert_eq!(anyone.post(path, secret.clone()).await.problem(401), "enrolment-refused");
        }
    }

    async fn an_invitation_is_over_after_three_days(stack: Stack) {
        let backend = Backend::start(stack).await;
        let admin = backend.staff(Role::RegionAdmin, "310000").await;
        let invited = invited(&admin, "310101").await;
        let secret = json!({"secret": invited.secret});
        backend.wait(TimeDelta::hours(72) - TimeDelta::milliseconds(1));
        backend.anyone().post(TOTP, secret.clone()).await.ok();
        backend.wait(TimeDelta::milliseconds(1));
        assert_eq!(backend.anyone().post(TOTP, secret).await.problem(401), "enrolment-refused");
    }

    async fn the_secrets_of_an_enrolment_are_stored_nowhere(stack: Stack) {
        let backend = Backend::start(stack).await;
        let coder = super::coder(&backend).await;
        let session = backend.anyone().post("/v1/staff/login/totp", coder.login(&backend.deps)).await.ok();
        let db = &backend.deps.db;
        let stored = format!(
            "{:?}{:?}{:?}",
            entity::staff_account::Entity::find().all(db).await.unwrap(),
            entity::staff_credential::Entity::find().all(db).await.unwrap(),
            entity::staff_session::Entity::find().all(db).await.unwrap(),
        );
        let bytes = |text: &str| {
            let list = format!("{:?}", text.as_bytes());
            list.trim_matches(['[', ']']).to_owned()
        };
        let token = session["token"].as_str().unwrap();
        for secret in [token, "陈静"] {
            assert!(!stored.contains(secret) && !stored.contains(&bytes(secret)));
        }
        assert!(stored.contains(&coder.handle), "what is stored was looked through");
    }
}

#[tokio::test]
async fn what_is_no_invitation_enrols_nothing() {
    let backend = Backend::start(Stack::Embedded).await;
    for secret in ["x", "", &"A".repeat(43), &"A".repeat(64)] {
        for path in [TOTP, KEY] {
            let reply = backend.anyone().post(path, json!({"secret": secret})).await;
            if secret.is_empty() {
                reply.problem(422);
            } else {
                assert_eq!(reply.problem(401), "enrolment-refused");
            }
        }
    }
}

#[tokio::test]
async fn an_invitation_repeated_with_its_key_is_the_same_invitation() {
    let backend = Backend::start(Stack::Embedded).await;
    let admin = backend.staff(Role::RegionAdmin, "310000").await;
    let body = json!({"name": "陈静", "unit": "卫健委", "division": "310101"});
    let path = "/v1/staff/accounts";
    let first = admin.post_keyed(path, "a-key", body.clone()).await.ok();
    assert_eq!(admin.post_keyed(path, "a-key", body).await.ok(), first);
    let accounts = admin.get(path).await.ok();
    assert_eq!(accounts["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn nobody_invites_to_a_region_that_is_not_theirs() {
    let backend = Backend::start(Stack::Embedded).await;
    let admin = backend.staff(Role::RegionAdmin, "310100").await;
    for (field, value, fault) in [
        ("division", "310000", "foreign"),
        ("division", "540000", "foreign"),
        ("division", "310199", "unknown_division"),
        ("division", "x", "type"),
        ("name", "1234", "name"),
        ("unit", "", "length"),
    ] {
        let mut body = json!({"name": "陈静", "unit": "卫健委", "division": "310101"});
        body[field] = json!(value);
        let reply = admin.post("/v1/staff/accounts", body).await;
        assert_eq!(reply.problem(422), "invalid-request");
        let faults = reply.faults();
        assert_eq!((faults[0].0.as_str(), faults[0].1.as_str()), (field, fault));
    }
    let elsewhere = backend.staff(Role::RegionAdmin, "540000").await;
    let account = invited(&admin, "310101").await.account;
    for (method, path) in [
        (Method::GET, format!("/v1/staff/accounts/{account}")),
        (
            Method::PUT,
            format!("/v1/staff/accounts/{account}/suspension"),
        ),
        (
            Method::DELETE,
            format!("/v1/staff/accounts/{account}/suspension"),
        ),
    ] {
        elsewhere
            .sees_nothing_at(method, &path, &account, &Value::Null)
            .await;
    }
}
