//! A role takes three people: who requests it, who approves it, and who gets it.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    audit_entry, community, staff_account,
    values::{Role, StaffId},
};
use integration_tests::{Backend, Stack, StaffMember, on_both_stacks};
use reqwest::Method;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

const GRANTS: &str = "/v1/staff/grants";

/// Who requests, who approves, and who gets a role.
struct Three {
    admin: StaffMember,
    approver: StaffMember,
    grantee: StaffId,
}

async fn three(backend: &Backend) -> Three {
    Three {
        admin: backend.staff(Role::RegionAdmin, "310000").await,
        approver: backend.staff(Role::GrantApprover, "310000").await,
        grantee: backend.account("310101").await,
    }
}

fn wanted(backend: &Backend, account: StaffId, role: &str, division: &str) -> Value {
    let now: DateTime<Utc> = backend.deps.clock.now();
    json!({
        "account_id": account,
        "role": role,
        "division": division,
        "starts_at": now,
        "ends_at": now + TimeDelta::days(100),
    })
}

async fn requested(backend: &Backend, by: &StaffMember, account: StaffId, role: &str) -> String {
    let wanted = wanted(backend, account, role, "310101");
    let grant = by.post(GRANTS, wanted).await.ok();
    assert_eq!(grant["state"], "pending");
    grant["grant_id"].as_str().unwrap().to_owned()
}

fn approval(grant: &str) -> String {
    format!("{GRANTS}/{grant}/approval")
}

on_both_stacks! {
    async fn a_role_that_two_people_agree_on_is_in_force_until_it_is_taken_back(stack: Stack) {
        let backend = Backend::start(stack).await;
        let Three { admin, approver, grantee } = three(&backend).await;
        let grant = requested(&backend, &admin, grantee, "auditor").await;
        let staff = backend.logged_in(grantee).await;
        assert_eq!(staff.get(GRANTS).await.problem(403), "role-required");
        let approved = approver.post(&approval(&grant), json!({})).await.ok();
        assert_eq!((&approved["state"], &approved["approved_by"]), (&json!("in_force"), &json!(approver.account)));
        staff.get(GRANTS).await.ok();
        assert_eq!(admin.delete(&format!("{GRANTS}/{grant}")).await.status, 204);
        assert_eq!(staff.get(GRANTS).await.problem(403), "role-required");
        assert_eq!(approver.post(&approval(&grant), json!({})).await.problem(409), "grant-decided");
        let told = told_of(&backend, grantee).await;
        assert_eq!(told, ["grant_requested", "grant_approved", "grant_revoked"]);
    }

    async fn of_two_approvals_at_once_one_is_told_that_it_was_decided(stack: Stack) {
        let backend = Backend::start(stack).await;
        let Three { admin, approver, grantee } = three(&backend).await;
        let other = backend.staff(Role::GrantApprover, "310000").await;
        let grant = requested(&backend, &admin, grantee, "auditor").await;
        let path = approval(&grant);
        let (one, two) = tokio::join!(approver.post(&path, json!({})), other.post(&path, json!({})));
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
        let told = told_of(&backend, grantee).await;
        assert_eq!(told, ["grant_requested", "grant_approved"]);
    }

    async fn nobody_has_two_parts_in_a_grant(stack: Stack) {
        let backend = Backend::start(stack).await;
        let Three { admin, approver, grantee } = three(&backend).await;
        let own = wanted(&backend, admin.account, "auditor", "310101");
        assert_eq!(admin.post(GRANTS, own).await.problem(403), "another-person-needed");

        let grant = requested(&backend, &admin, grantee, "auditor").await;
        // As nobody gets to be by these routes: both roles at once.
        backend.give(admin.account, &backend.held(Role::GrantApprover, "310000")).await;
        backend.give(grantee, &backend.held(Role::GrantApprover, "310000")).await;
        let getter = backend.logged_in(grantee).await;
        for staff in [&admin, &getter] {
            let refused = staff.post(&approval(&grant), json!({})).await;
            assert_eq!(refused.problem(403), "another-person-needed");
        }
        let refused = approver.post(&approval(&grant), json!({})).await;
        assert_eq!(refused.problem(409), "roles-clash", "who approves roles has no other");
    }

    async fn nobody_approves_what_was_requested_by_whom_they_invited_or_who_invited_them(stack: Stack) {
        let backend = Backend::start(stack).await;
        let Three { admin, approver, grantee } = three(&backend).await;
        let grant = requested(&backend, &admin, grantee, "auditor").await;
        let invited = async |whom: &StaffMember, by: Option<StaffId>| {
            let by = staff_account::ActiveModel {
                id: Set(whom.account),
                invited_by: Set(by),
                ..Default::default()
            };
            staff_account::Entity::update(by).exec(&backend.deps.db).await.unwrap();
        };
        for (whom, by) in [(&approver, &admin), (&admin, &approver)] {
            invited(whom, Some(by.account)).await;
            let refused = approver.post(&approval(&grant), json!({})).await;
            assert_eq!(refused.problem(403), "another-person-needed");
            invited(whom, Some(grantee)).await;
        }
        approver.post(&approval(&grant), json!({})).await.ok();
    }

    async fn what_somebody_requested_who_may_not_any_more_is_not_approved(stack: Stack) {
        let backend = Backend::start(stack).await;
        let Three { admin, approver, grantee } = three(&backend).await;
        let above = backend.staff(Role::RegionAdmin, "310000").await;
        let path = format!("/v1/staff/accounts/{}/suspension", admin.account);
        let first = requested(&backend, &admin, grantee, "auditor").await;
        assert_eq!(above.put(&path, json!({})).await.status, 204);
        let refused = approver.post(&approval(&first), json!({})).await;
        assert_eq!(refused.problem(409), "grant-requester-gone");
        assert_eq!(above.delete(&path).await.status, 204);
        approver.post(&approval(&first), json!({})).await.ok();

        let admin = backend.staff_again(&admin).await;
        let second = requested(&backend, &admin, grantee, "police").await;
        let held = above.get(GRANTS).await.ok();
        let held = held["items"].as_array().unwrap().iter();
        let own = held.filter(|grant| grant["account_id"] == json!(admin.account));
        for grant in own {
            let path = format!("{GRANTS}/{}", grant["grant_id"].as_str().unwrap());
            assert_eq!(above.delete(&path).await.status, 204);
        }
        backend.give(admin.account, &backend.held(Role::RegionAdmin, "310104")).await;
        let refused = approver.post(&approval(&second), json!({})).await;
        assert_eq!(refused.problem(409), "grant-requester-gone");
    }

    async fn roles_that_do_not_go_together_are_refused_when_requested_and_when_approved(stack: Stack) {
        let backend = Backend::start(stack).await;
        let Three { admin, approver, grantee } = three(&backend).await;
        let approves = requested(&backend, &admin, grantee, "grant_approver").await;
        let administers = requested(&backend, &admin, grantee, "region_admin").await;
        approver.post(&approval(&approves), json!({})).await.ok();
        let refused = approver.post(&approval(&administers), json!({})).await;
        assert_eq!(refused.problem(409), "roles-clash");
        let again = wanted(&backend, grantee, "region_admin", "310101");
        assert_eq!(admin.post(GRANTS, again).await.problem(409), "roles-clash");
        let besides = wanted(&backend, grantee, "epidemiologist", "310101");
        assert_eq!(admin.post(GRANTS, besides).await.problem(409), "roles-clash");
    }

    async fn two_roles_that_do_not_go_together_approved_at_once_are_not_both_given(stack: Stack) {
        let backend = Backend::start(stack).await;
        let Three { admin, approver, grantee } = three(&backend).await;
        let other = backend.staff(Role::GrantApprover, "310000").await;
        let one = approval(&requested(&backend, &admin, grantee, "grant_approver").await);
        let two = approval(&requested(&backend, &admin, grantee, "region_admin").await);
        let (one, two) = tokio::join!(approver.post(&one, json!({})), other.post(&two, json!({})));
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
    }

    async fn a_role_for_one_community_says_so_and_reaches_no_division(stack: Stack) {
        let backend = Backend::start(stack).await;
        let Three { admin, approver, grantee } = three(&backend).await;
        backend.community(COMMUNITY).await;
        let body = for_community(&backend, grantee);
        let grant = admin.post(GRANTS, body).await.ok();
        assert_eq!(grant["community"], COMMUNITY);
        let id = grant["grant_id"].as_str().unwrap();
        let approved = approver.post(&approval(id), json!({})).await.ok();
        assert_eq!(approved["community"], COMMUNITY);
        let staff = backend.logged_in(grantee).await;
        let held = staff.get("/v1/staff/me").await.ok()["grants"][0].clone();
        assert_eq!((&held["community"], &held["division"]), (&json!(COMMUNITY), &json!("310101")));
        let listed = admin.get(GRANTS).await.ok()["items"].clone();
        let of = |account: StaffId| {
            let mut grants = listed.as_array().unwrap().iter();
            grants.find(|grant| grant["account_id"] == json!(account)).unwrap()["community"].clone()
        };
        assert_eq!((of(grantee), of(admin.account)), (json!(COMMUNITY), Value::Null));
    }

    async fn a_role_for_a_community_that_closed_meanwhile_is_not_approved(stack: Stack) {
        let backend = Backend::start(stack).await;
        let Three { admin, approver, grantee } = three(&backend).await;
        let code = backend.community(COMMUNITY).await;
        let grant = admin.post(GRANTS, for_community(&backend, grantee)).await.ok();
        let closed = community::ActiveModel {
            code: Set(code),
            closed_at: Set(Some(backend.deps.clock.now())),
            ..Default::default()
        };
        community::Entity::update(closed).exec(&backend.deps.db).await.unwrap();
        let path = approval(grant["grant_id"].as_str().unwrap());
        assert_eq!(approver.post(&path, json!({})).await.problem(409), "community-closed");
        let again = admin.post(GRANTS, for_community(&backend, grantee)).await;
        again.problem(422);
        assert_eq!(again.faults(), [("community".into(), "unknown".into())]);
    }
}

const COMMUNITY: &str = "310101002003";

fn for_community(backend: &Backend, account: StaffId) -> Value {
    let mut body = wanted(backend, account, "community_issuer", "310101");
    body["community"] = json!(COMMUNITY);
    body
}

#[tokio::test]
async fn a_role_for_a_community_is_an_issuers_of_a_known_community_of_the_county() {
    let backend = Backend::start(Stack::Embedded).await;
    let admin = backend.staff(Role::RegionAdmin, "310000").await;
    let grantee = backend.account("310101").await;
    backend.community(COMMUNITY).await;
    for (field, value, fault) in [
        ("role", "reviewer", "role"),
        ("role", "region_admin", "role"),
        ("division", "310104", "foreign"),
        ("division", "310000", "foreign"),
        ("community", "310101002004", "unknown"),
        ("community", "310101002000", "type"),
    ] {
        let mut body = for_community(&backend, grantee);
        body[field] = json!(value);
        let reply = admin.post(GRANTS, body).await;
        assert_eq!(reply.problem(422), "invalid-request", "{field} {value}");
        let told = ("community".to_owned(), fault.to_owned());
        assert_eq!(reply.faults(), [told], "{field} {value}");
    }
}

#[tokio::test]
async fn a_request_that_cannot_be_is_refused_by_name() {
    let backend = Backend::start(Stack::Embedded).await;
    let admin = backend.staff(Role::RegionAdmin, "310000").await;
    let grantee = backend.account("310101").await;
    let now = backend.deps.clock.now();
    for (field, value, fault) in [
        ("division", json!("540000"), "foreign"),
        ("division", json!("310199"), "unknown_division"),
        ("ends_at", json!(now), "date_order"),
        ("ends_at", json!(now + TimeDelta::days(366)), "range"),
        ("starts_at", json!(now + TimeDelta::days(200)), "date_order"),
        ("role", json!("emperor"), "type"),
    ] {
        let mut body = wanted(&backend, grantee, "auditor", "310101");
        body[field] = value;
        let reply = admin.post(GRANTS, body).await;
        assert_eq!(reply.problem(422), "invalid-request", "{field} {fault}");
        assert_eq!(reply.faults()[0].1, fault, "{field}");
    }
    for role in ["policy_author", "policy_approver"] {
        let local = wanted(&backend, grantee, role, "310101");
        let reply = admin.post(GRANTS, local).await;
        reply.problem(422);
        assert_eq!(
            reply.faults(),
            [("division".into(), "province_only".into())]
        );
        let provincial = wanted(&backend, grantee, role, "310000");
        admin.post(GRANTS, provincial).await.ok();
    }
}

#[tokio::test]
async fn a_request_lapses_after_a_week() {
    let backend = Backend::start(Stack::Embedded).await;
    let Three {
        admin,
        approver,
        grantee,
    } = three(&backend).await;
    let grant = requested(&backend, &admin, grantee, "auditor").await;
    backend.wait(TimeDelta::days(7));
    let approver = backend.staff_again(&approver).await;
    let late = approver.post(&approval(&grant), json!({})).await;
    assert_eq!(late.problem(409), "grant-decided");
    let grants = approver.get(GRANTS).await.ok();
    let state = |grant: &Value| grant["state"].clone();
    let items = grants["items"].as_array().unwrap();
    assert!(items.iter().map(state).any(|state| state == "lapsed"));
}

#[tokio::test]
async fn a_grant_of_another_region_looks_like_none() {
    let backend = Backend::start(Stack::Embedded).await;
    let Three { admin, grantee, .. } = three(&backend).await;
    let grant = requested(&backend, &admin, grantee, "auditor").await;
    for division in ["310104", "540000"] {
        let approver = backend.staff(Role::GrantApprover, division).await;
        approver
            .sees_nothing_at(Method::POST, &approval(&grant), &grant, &json!({}))
            .await;
        let admin = backend.staff(Role::RegionAdmin, division).await;
        let path = format!("{GRANTS}/{grant}");
        admin
            .sees_nothing_at(Method::DELETE, &path, &grant, &Value::Null)
            .await;
        let listed = admin.get(GRANTS).await.ok();
        assert!(!listed.to_string().contains(&grant));
    }
}

#[tokio::test]
async fn a_suspended_account_is_given_nothing() {
    let backend = Backend::start(Stack::Embedded).await;
    let Three {
        admin,
        approver,
        grantee,
    } = three(&backend).await;
    let grant = requested(&backend, &admin, grantee, "auditor").await;
    let path = format!("/v1/staff/accounts/{grantee}/suspension");
    admin.put(&path, json!({})).await;
    let refused = approver.post(&approval(&grant), json!({})).await;
    assert_eq!(refused.problem(409), "account-suspended");
}

/// What the log tells of somebody, in its order.
async fn told_of(backend: &Backend, staff: StaffId) -> Vec<String> {
    let entries = audit_entry::Entity::find()
        .filter(audit_entry::Column::SubjectId.eq(staff.0))
        .all(&backend.deps.db)
        .await
        .unwrap();
    let order = ["grant_requested", "grant_approved", "grant_revoked"];
    let mut told: Vec<String> = entries.into_iter().map(|entry| entry.event).collect();
    // The clock stands still, so the order is that of their meaning.
    told.sort_by_key(|event| order.iter().position(|known| known == event));
    told
}
