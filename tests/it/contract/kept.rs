//! Nobody on the way keeps what is somebody's own business (S21).

use entity::values::Role;
use integration_tests::{
    Backend, Stack,
    backend::ZHANG,
    call::{Caller, Reply},
    document::{Operation, operations},
};
use reqwest::Method;

/// What is the same for everybody, and may be kept for a moment.
const FOR_EVERYBODY: &[&str] = &[
    "/.well-known/jwks.json",
    "/v1/communities/{code}",
    "/v1/data-map",
    "/v1/keys",
    "/v1/policy",
    "/v1/regions",
    "/v1/regions/{code}",
    "/v1/regions/{code}/directory",
    "/v1/road-sections",
    "/v1/road-sections/{code}",
    "/v1/status-lists",
    "/v1/status-lists/{kind}/{list}",
    "/v1/terms",
    "/v1/vehicle-pass-types",
];

/// Ask what `operation` answers `caller` about `person`, if it answers. Whether it did.
async fn is_answered(caller: &Caller, operation: &Operation, person: &str) -> bool {
    let path = operation.path_of(person);
    let reply = Reply::to(caller.request(Method::GET, &path)).await;
    let header = |name: &str| {
        let value = reply.headers.get(name);
        value.map(|value| value.to_str().unwrap().to_owned())
    };
    if reply.status != 200 || FOR_EVERYBODY.contains(&operation.path.as_str()) {
        return false;
    }
    let kept = header("cache-control");
    assert_eq!(kept.as_deref(), Some("no-store"), "{}", operation.name());
    assert_eq!(header("etag"), None, "{}", operation.name());
    true
}

#[tokio::test]
async fn what_is_answered_to_somebody_is_kept_by_nobody() {
    let backend = Backend::start(Stack::Embedded).await;
    let citizen = crate::schema::live_through_everything(&backend, "13800138000", ZHANG).await;
    let mut callers = vec![("session", backend.as_citizen(&citizen))];
    for role in [
        Role::Auditor,
        Role::CommunityIssuer,
        Role::DataSteward,
        Role::Epidemiologist,
        Role::RegionAdmin,
    ] {
        let staff = backend.staff(role, "310000").await;
        callers.push(("staff", Caller::clone(&staff)));
    }
    let mut answered = 0;
    for operation in operations() {
        if operation.method != Method::GET {
            continue;
        }
        for (scheme, caller) in &callers {
            if operation.asks_for(scheme) && is_answered(caller, &operation, &citizen.person).await
            {
                answered += 1;
            }
        }
    }
    assert!(answered >= 40, "of {answered} answers nothing is learnt");
}
