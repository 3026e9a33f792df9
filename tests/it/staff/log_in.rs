//! Logging in and proving oneself again with a code.

use chrono::TimeDelta;
use entity::{audit_entry, staff_session, values::Role};
use integration_tests::{Backend, Stack, authenticator::totp, on_both_stacks};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::coder;

const LOGIN: &str = "/v1/staff/login/totp";
const STEP_UP: &str = "/v1/staff/step-up/totp";

on_both_stacks! {
    async fn a_code_is_good_once(stack: Stack) {
        let backend = Backend::start(stack).await;
        let coder = coder(&backend).await;
        let login = coder.login(&backend.deps);
        let first = backend.anyone().post(LOGIN, login.clone()).await.ok();
        assert_eq!(backend.anyone().post(LOGIN, login.clone()).await.problem(401), "staff-login-refused");
        let staff = backend.anyone().with_bearer(first["token"].as_str().unwrap());
        let again = staff.post(STEP_UP, json!({"code": login["code"]})).await;
        assert_eq!(again.problem(403), "proof-refused");
        staff.get("/v1/staff/me").await.ok();
    }

    async fn of_two_log_ins_at_once_one_goes_on(stack: Stack) {
        let backend = Backend::start(stack).await;
        let coder = coder(&backend).await;
        let other = backend.another_instance().await;
        let now = backend.deps.clock.now();
        let code = |time| json!({"handle": coder.handle, "code": totp(&coder.uri, time)});
        let later = code(now + TimeDelta::seconds(30));
        let (one, two) = tokio::join!(
            backend.anyone().post(LOGIN, code(now)),
            other.anyone().post(LOGIN, later),
        );
        let began = [one, two].iter().filter(|reply| reply.status == 200).count();
        assert!(began >= 1, "the later code is good whichever comes first");
        let going_on = staff_session::Entity::find()
            .filter(staff_session::Column::EndedAt.is_null())
            .filter(staff_session::Column::AccountId.eq(coder.account.parse::<uuid::Uuid>().unwrap()))
            .all(&backend.deps.db)
            .await
            .unwrap();
        assert_eq!(going_on.len(), 1);
    }

    async fn a_log_in_ends_the_one_before(stack: Stack) {
        let backend = Backend::start(stack).await;
        let coder = coder(&backend).await;
        let mut tokens = Vec::new();
        for _ in 0..2 {
            let session = backend.anyone().post(LOGIN, coder.login(&backend.deps)).await.ok();
            tokens.push(session["token"].as_str().unwrap().to_owned());
            backend.wait(TimeDelta::seconds(30));
        }
        let [first, second] = [0, 1].map(|at: usize| backend.anyone().with_bearer(&tokens[at]));
        assert_eq!(first.get("/v1/staff/me").await.problem(401), "unauthenticated");
        second.get("/v1/staff/me").await.ok();
        assert_eq!(second.delete("/v1/staff/session").await.status, 204);
        assert_eq!(second.get("/v1/staff/me").await.problem(401), "unauthenticated");
    }

    async fn guesses_are_limited_and_look_the_same_for_nobody(stack: Stack) {
        let backend = Backend::start(stack).await;
        let coder = coder(&backend).await;
        for handle in [coder.handle.as_str(), "nobody22"] {
            let mut kinds = Vec::new();
            for guess in 0..6 {
                let body = json!({"handle": handle, "code": format!("{guess:06}")});
                let reply = backend.anyone().post(LOGIN, body).await;
                kinds.push(reply.problem(reply.status.as_u16()));
            }
            let refused = ["staff-login-refused"; 5].into_iter();
            assert_eq!(kinds, refused.chain(["too-many-attempts"]).collect::<Vec<_>>(), "{handle}");
        }
        let right = backend.anyone().post(LOGIN, coder.login(&backend.deps)).await;
        assert_eq!(right.problem(429), "too-many-attempts");
        assert!(right.headers.contains_key("retry-after"));
        backend.wait(TimeDelta::minutes(5));
        backend.anyone().post(LOGIN, coder.login(&backend.deps)).await.ok();
    }

    async fn every_log_in_is_in_the_log_whether_refused_or_not(stack: Stack) {
        let backend = Backend::start(stack).await;
        let coder = coder(&backend).await;
        let session = backend.anyone().post(LOGIN, coder.login(&backend.deps)).await.ok();
        let staff = backend.anyone().with_bearer(session["token"].as_str().unwrap());
        backend.wait(TimeDelta::seconds(30));
        let code = totp(&coder.uri, backend.deps.clock.now());
        staff.post(STEP_UP, json!({"code": code})).await.ok();
        staff.post(STEP_UP, json!({"code": code})).await.problem(403);
        staff.delete("/v1/staff/session").await.ok();
        backend.anyone().post(LOGIN, json!({"handle": coder.handle, "code": code})).await.problem(401);
        backend.anyone().post(LOGIN, json!({"handle": "nobody22", "code": code})).await.problem(401);

        let account: uuid::Uuid = coder.account.parse().unwrap();
        let entries = audit_entry::Entity::find().all(&backend.deps.db).await.unwrap();
        let events_about = |whom: Option<uuid::Uuid>| {
            let about = entries.iter().filter(|entry| entry.subject_id == whom);
            let events = about.map(|entry| entry.event.as_str());
            let mut events: Vec<_> = events.filter(|event| event.starts_with("staff_")).collect();
            events.sort_unstable();
            events
        };
        assert_eq!(
            events_about(Some(account)),
            [
                "staff_enrolled",
                "staff_invited",
                "staff_proof_refused",
                "staff_proof_refused",
                "staff_session_began",
                "staff_session_ended",
                "staff_stepped_up",
            ]
        );
        assert_eq!(events_about(None), ["staff_proof_refused"]);
        let by_staff = entries.iter().filter(|entry| entry.actor_kind == "staff");
        assert_eq!(by_staff.count(), 5);
    }

    async fn what_is_sensitive_asks_for_a_fresh_proof(stack: Stack) {
        let backend = Backend::start(stack).await;
        let coder = coder(&backend).await;
        let account = entity::values::StaffId(coder.account.parse().unwrap());
        let held = backend.held(Role::RegionAdmin, "310000");
        backend.give(account, &held).await;
        let session = backend.anyone().post(LOGIN, coder.login(&backend.deps)).await.ok();
        let staff = backend.anyone().with_bearer(session["token"].as_str().unwrap());
        let newcomer = || json!({"name": "赵敏", "unit": "卫健委", "division": "310101"});
        let accounts = "/v1/staff/accounts";
        staff.post(accounts, newcomer()).await.ok();
        backend.wait(TimeDelta::minutes(5));
        assert_eq!(staff.post(accounts, newcomer()).await.problem(403), "step-up-needed");
        staff.get(accounts).await.ok();
        let code = totp(&coder.uri, backend.deps.clock.now());
        staff.post(STEP_UP, json!({"code": code})).await.ok();
        staff.post(accounts, newcomer()).await.ok();
    }
}

#[tokio::test]
async fn a_suspended_account_does_not_log_in_and_one_that_is_reinstated_does() {
    let backend = Backend::start(Stack::Embedded).await;
    let coder = coder(&backend).await;
    let admin = backend.staff(Role::RegionAdmin, "310000").await;
    let path = format!("/v1/staff/accounts/{}/suspension", coder.account);
    assert_eq!(admin.put(&path, json!({})).await.status, 204);
    let refused = backend
        .anyone()
        .post(LOGIN, coder.login(&backend.deps))
        .await;
    assert_eq!(refused.problem(401), "staff-login-refused");
    assert_eq!(admin.delete(&path).await.status, 204);
    backend
        .anyone()
        .post(LOGIN, coder.login(&backend.deps))
        .await
        .ok();
}
