//! Accounts are looked after by the administrators of their region.

use entity::values::Role;
use integration_tests::{Backend, Stack, on_both_stacks};
use reqwest::Method;
use serde_json::{Value, json};

use super::invited;

on_both_stacks! {
    async fn a_suspension_ends_the_session_at_once(stack: Stack) {
        let backend = Backend::start(stack).await;
        let admin = backend.staff(Role::RegionAdmin, "310000").await;
        let staff = backend.staff(Role::Auditor, "310101").await;
        staff.get("/v1/staff/me").await.ok();
        let path = format!("/v1/staff/accounts/{}/suspension", staff.account);
        for _ in 0..2 {
            assert_eq!(admin.put(&path, json!({})).await.status, 204);
            assert_eq!(staff.get("/v1/staff/me").await.problem(401), "unauthenticated");
        }
        assert_eq!(admin.delete(&path).await.status, 204);
        assert_eq!(staff.get("/v1/staff/me").await.problem(401), "unauthenticated");
        backend.staff_again(&staff).await.get("/v1/staff/me").await.ok();
    }

    async fn nobody_below_suspends_or_reinstates_whoever_holds_a_role_above(stack: Stack) {
        let backend = Backend::start(stack).await;
        let [above, below] = [
            backend.staff(Role::RegionAdmin, "310000").await,
            backend.staff(Role::RegionAdmin, "310101").await,
        ];
        let held = backend.held(Role::Auditor, "310000");
        let auditor = backend.staff_with("310101", &[held]).await;
        let path = format!("/v1/staff/accounts/{}/suspension", auditor.account);
        assert_eq!(below.put(&path, json!({})).await.problem(403), "roles-held-elsewhere");
        auditor.get("/v1/staff/me").await.ok();
        assert_eq!(above.put(&path, json!({})).await.status, 204);
        assert_eq!(below.delete(&path).await.problem(403), "roles-held-elsewhere");
        assert_eq!(above.delete(&path).await.status, 204);
    }

    async fn accounts_are_listed_page_by_page_within_ones_regions(stack: Stack) {
        let backend = Backend::start(stack).await;
        let admin = backend.staff(Role::RegionAdmin, "310000").await;
        let elsewhere = backend.staff(Role::RegionAdmin, "540000").await;
        let mut expected = vec![admin.account.to_string()];
        for _ in 0..4 {
            expected.push(invited(&admin, "310101").await.account);
        }
        let mut seen = Vec::new();
        let mut after = String::new();
        loop {
            let page = admin.get(&format!("/v1/staff/accounts?limit=2{after}")).await.ok();
            for account in page["items"].as_array().unwrap() {
                seen.push(account["account_id"].as_str().unwrap().to_owned());
                assert!(["陈*", "王*国", "*静"].contains(&account["name"].as_str().unwrap()), "{account}");
            }
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        seen.sort();
        expected.sort();
        assert_eq!(seen, expected);
        let theirs = elsewhere.get("/v1/staff/accounts").await.ok();
        assert_eq!(theirs["items"].as_array().unwrap().len(), 1);
        let far = "-8000000000000000_0195a1b2-0000-4000-8000-00000000000a";
        for after in ["x", far] {
            let refused = admin.get(&format!("/v1/staff/accounts?after={after}")).await;
            assert_eq!(refused.problem(422), "invalid-request", "{after}");
        }
    }
}

#[tokio::test]
async fn an_account_of_another_region_looks_like_none() {
    let backend = Backend::start(Stack::Embedded).await;
    let admin = backend.staff(Role::RegionAdmin, "310100").await;
    for division in ["310000", "540000", "320100"] {
        let account = backend.account(division).await.to_string();
        for (method, path) in [
            (Method::GET, "/v1/staff/accounts/{}"),
            (Method::PUT, "/v1/staff/accounts/{}/suspension"),
            (Method::DELETE, "/v1/staff/accounts/{}/suspension"),
        ] {
            let path = path.replace("{}", &account);
            admin
                .sees_nothing_at(method, &path, &account, &Value::Null)
                .await;
        }
        let grant = json!({
            "account_id": account,
            "role": "auditor",
            "division": "310101",
            "starts_at": "2026-03-02T00:00:00Z",
            "ends_at": "2026-09-02T00:00:00Z",
        });
        let refused = admin.post("/v1/staff/grants", grant).await;
        assert_eq!(refused.problem(404), "not-found");
    }
}

#[tokio::test]
async fn nobody_suspends_themselves() {
    let backend = Backend::start(Stack::Embedded).await;
    let admin = backend.staff(Role::RegionAdmin, "310000").await;
    let path = format!("/v1/staff/accounts/{}/suspension", admin.account);
    let refused = admin.put(&path, json!({})).await;
    assert_eq!(refused.problem(403), "another-person-needed");
}
