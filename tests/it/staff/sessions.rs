//! A session of staff lasts as long as it is used, and not longer than a shift.

use chrono::TimeDelta;
use entity::values::Role;
use integration_tests::{Backend, Stack, on_both_stacks};
use serde_json::json;

on_both_stacks! {
    async fn whoever_is_logged_in_sees_what_they_may_be_now(stack: Stack) {
        let backend = Backend::start(stack).await;
        let here = backend.held(Role::Epidemiologist, "310101");
        let mut over = backend.held(Role::Auditor, "310000");
        over.ends_at = backend.deps.clock.now();
        let staff = backend.staff_with("310101", &[here, over]).await;
        let me = staff.get("/v1/staff/me").await.ok();
        assert_eq!(me["account_id"], staff.account.to_string());
        assert_eq!((&me["name"], &me["unit"]), (&json!("王建国"), &json!("疾控中心")));
        let grants = me["grants"].as_array().unwrap();
        assert_eq!(grants.len(), 1);
        assert_eq!((&grants[0]["role"], &grants[0]["division"]), (&json!("epidemiologist"), &json!("310101")));
    }

    async fn a_session_nobody_uses_ends_after_a_quarter_of_an_hour(stack: Stack) {
        let backend = Backend::start(stack).await;
        let staff = backend.staff(Role::Auditor, "310000").await;
        for _ in 0..3 {
            backend.wait(TimeDelta::minutes(14));
            staff.get("/v1/staff/me").await.ok();
        }
        backend.wait(TimeDelta::minutes(15));
        assert_eq!(staff.get("/v1/staff/me").await.problem(401), "unauthenticated");
    }

    async fn a_session_ends_after_twelve_hours_however_much_it_is_used(stack: Stack) {
        let backend = Backend::start(stack).await;
        let staff = backend.staff(Role::Auditor, "310000").await;
        for _ in 0..71 {
            backend.wait(TimeDelta::minutes(10));
            staff.get("/v1/staff/me").await.ok();
        }
        backend.wait(TimeDelta::minutes(10));
        assert_eq!(staff.get("/v1/staff/me").await.problem(401), "unauthenticated");
    }
}

#[tokio::test]
async fn a_citizens_token_is_none_of_staff_nor_the_other_way_round() {
    let backend = Backend::start(Stack::Embedded).await;
    let citizen = backend.log_in("13800138000").await;
    let staff = backend.staff(Role::Auditor, "310000").await;
    let strangers = [
        backend.as_citizen(&citizen).get("/v1/staff/me").await,
        backend.anyone().get("/v1/staff/me").await,
        staff.get("/v1/me").await,
    ];
    for reply in strangers {
        assert_eq!(reply.problem(401), "unauthenticated");
    }
}

#[tokio::test]
async fn the_gate_is_not_passed_by_writing_the_path_otherwise() {
    let backend = Backend::start(Stack::Embedded).await;
    for path in ["/v1/%73taff/me", "/v1/staff/%6de"] {
        assert_eq!(
            backend.anyone().get(path).await.problem(401),
            "unauthenticated",
            "{path}"
        );
    }
    for path in ["/v1//staff/me", "/v1/staff//me", "/v1/x/../staff/me"] {
        let refused = backend.anyone().get(path).await.status.as_u16();
        assert!([401, 404].contains(&refused), "{path}: {refused}");
    }
}
