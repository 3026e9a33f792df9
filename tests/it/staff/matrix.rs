//! Every cell of the table of roles and routes, called.

use std::collections::BTreeSet;

use api::staff::matrix::{DOORS, MATRIX, Permission};
use chrono::TimeDelta;
use entity::values::Role;
use integration_tests::{
    Backend, Stack,
    call::{Caller, Reply},
    document::{Operation, operations},
};
use sea_orm::Iterable;
use serde_json::json;

/// Where most things are, and another province.
const HERE: &str = "310101";
const ELSEWHERE: &str = "540000";

/// In what state somebody comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition {
    Inside,
    Outside,
    Expired,
    NotStarted,
    Unapproved,
    Revoked,
    WithoutStepUp,
}

const CONDITIONS: [Condition; 7] = [
    Condition::Inside,
    Condition::Outside,
    Condition::Expired,
    Condition::NotStarted,
    Condition::Unapproved,
    Condition::Revoked,
    Condition::WithoutStepUp,
];

/// The refusal that somebody meets, or none. Written from what is promised, not from the code.
fn refusal(row: &Permission, role: Role, condition: Condition) -> Option<(u16, &'static str)> {
    let holds_it = matches!(
        condition,
        Condition::Inside | Condition::Outside | Condition::WithoutStepUp
    );
    let for_everybody = row.roles.is_empty();
    let may = for_everybody || (holds_it && row.roles.contains(&role));
    match (may, row.step_up && condition == Condition::WithoutStepUp) {
        (false, _) => Some((403, "role-required")),
        (true, true) => Some((403, "step-up-needed")),
        (true, false) => None,
    }
}

async fn somebody(backend: &Backend, role: Role, condition: Condition) -> Caller {
    let now = backend.deps.clock.now();
    let mut held = backend.held(role, HERE);
    match condition {
        Condition::Inside => {}
        Condition::Outside => held = backend.held(role, ELSEWHERE),
        Condition::Expired => held.ends_at = now,
        Condition::NotStarted => held.starts_at = now + TimeDelta::milliseconds(1),
        Condition::Unapproved => held.approved = false,
        Condition::Revoked => held.revoked_at = Some(now),
        Condition::WithoutStepUp => {
            let staff = backend.staff_without_step_up(role, HERE).await;
            return (*staff).clone();
        }
    }
    (*backend.staff_with(HERE, &[held]).await).clone()
}

/// The rows with their operations. Whoever calls the last one has no session any more.
fn rows() -> Vec<(&'static Permission, Operation)> {
    let mut rows: Vec<_> = operations()
        .into_iter()
        .filter_map(|operation| {
            let method = operation.method.as_str();
            let row = MATRIX
                .iter()
                .find(|row| row.method == method && row.path == operation.path)?;
            Some((row, operation))
        })
        .collect();
    rows.sort_by_key(|(row, _)| row.path == "/v1/staff/session");
    rows
}

async fn called(caller: &Caller, operation: &Operation) -> Reply {
    let mut request = caller
        .request(operation.method.clone(), &operation.path_of_nothing())
        .header("idempotency-key", "a-key");
    if !operation.says["requestBody"].is_null() {
        request = request.json(&json!({}));
    }
    Reply::to(request).await
}

/// The last part of a problem's type, of whatever answer.
fn kind(reply: &Reply) -> String {
    if reply.status.is_client_error() {
        reply.problem(reply.status.as_u16())
    } else {
        String::new()
    }
}

#[test]
fn the_table_lists_every_route_of_staff_that_is_served_and_no_other() {
    let served: BTreeSet<_> = operations()
        .iter()
        .filter(|operation| operation.path.starts_with("/v1/staff/"))
        .map(Operation::name)
        .collect();
    let name = |(method, path): &(&str, &str)| format!("{method} {path}");
    let listed: Vec<_> = MATRIX
        .iter()
        .map(|row| name(&(row.method, row.path)))
        .chain(DOORS.iter().map(name))
        .collect();
    assert_eq!(served, listed.iter().cloned().collect());
    assert_eq!(served.len(), listed.len(), "a route is listed twice");
}

#[test]
fn the_document_says_of_every_route_what_the_table_does() {
    for (row, operation) in rows() {
        let expected = json!({"any_of": row.roles, "step_up": row.step_up});
        assert_eq!(operation.says["x-roles"], expected, "{}", operation.name());
        assert_eq!(operation.says["security"], json!([{"staff": []}]));
    }
    for (method, path) in DOORS {
        let door = operations()
            .into_iter()
            .find(|operation| operation.name() == format!("{method} {path}"));
        let says = door.expect("it is served").says;
        assert!(says["security"].is_null() && says["x-roles"].is_null());
    }
}

#[tokio::test]
async fn every_cell_answers_as_the_table_says() {
    let backend = Backend::start(Stack::Embedded).await;
    let rows = rows();
    let mut cells = 0;
    for role in Role::iter() {
        for condition in CONDITIONS {
            let caller = somebody(&backend, role, condition).await;
            for (row, operation) in &rows {
                let cell = format!("{} as {role:?}, {condition:?}", operation.name());
                let reply = called(&caller, operation).await;
                if let Some((status, refused)) = refusal(row, role, condition) {
                    assert_eq!(reply.problem(status), refused, "{cell}");
                } else {
                    let authorisation = ["unauthenticated", "role-required", "step-up-needed"];
                    let kind = kind(&reply);
                    assert!(!authorisation.contains(&kind.as_str()), "{cell}: {kind}");
                }
                cells += 1;
            }
        }
    }
    assert_eq!(cells, MATRIX.len() * 12 * CONDITIONS.len());
    for (_, operation) in &rows {
        for nobody in [
            backend.anyone().clone(),
            backend.anyone().with_bearer(&"A".repeat(43)),
        ] {
            let reply = called(&nobody, operation).await;
            assert_eq!(
                reply.problem(401),
                "unauthenticated",
                "{}",
                operation.name()
            );
        }
    }
}

#[tokio::test]
async fn a_method_that_the_table_leaves_out_answers_nobody() {
    let backend = Backend::start(Stack::Embedded).await;
    let staff = backend.staff(Role::RegionAdmin, "310000").await;
    for caller in [&*staff, backend.anyone()] {
        let reply = caller.put("/v1/staff/me", json!({})).await;
        assert_eq!(reply.problem(405), "method-not-allowed");
        assert_eq!(reply.headers["allow"], "GET");
        let reply = caller.delete("/v1/staff/login/totp").await;
        assert_eq!(reply.problem(405), "method-not-allowed");
        assert_eq!(reply.headers["allow"], "POST");
        let reply = caller.get("/v1/staff/nothing").await;
        assert_eq!(reply.problem(404), "no-such-route");
    }
}
