//! Applicants, clerks and gates.

use api::{
    jobs::Sweep,
    pass_cards::{AnswerCompared, LookAfterCards},
    review::RunClocks,
};
use chrono::TimeDelta;
use entity::{
    pass_card,
    values::{PersonId, Role},
};
use integration_tests::{
    Backend,
    backend::{Session, declaration},
    call::Reply,
    staff::StaffMember,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

pub(crate) const PHONE: &str = "13800138000";

/// A community of Huangpu in Shanghai.
pub(crate) const COMMUNITY: &str = "310101001001";

/// What the applicant sends, who stays in [`COMMUNITY`].
pub(crate) fn application() -> Value {
    json!({"community": COMMUNITY, "confirmed_true": true})
}

/// A declaration of somebody who arrived today, the second of March.
pub(crate) fn arrived() -> Value {
    let mut report = declaration();
    report["residence"] = json!([
        {"place": {"division": "420106"}, "from": "2026-02-16", "until": "2026-03-02"},
    ]);
    report
}

/// Run what sweeps do, until there is nothing left to do.
pub(crate) async fn settle(backend: &Backend) {
    loop {
        let deps = &backend.deps;
        let done = backend.sweep().await
            + AnswerCompared::run(deps).await.unwrap()
            + RunClocks::run(deps).await.unwrap()
            + LookAfterCards::run(deps).await.unwrap();
        if done == 0 {
            return;
        }
    }
}

pub(crate) async fn declare(backend: &Backend, session: &Session, report: Value) {
    let path = format!("/v1/people/{}/declarations", session.person);
    backend.as_citizen(session).post(&path, report).await.ok();
}

/// Ask for a card for the owner of `session`.
pub(crate) async fn ask(backend: &Backend, session: &Session, request: Value) -> Reply {
    let path = format!("/v1/people/{}/pass-applications", session.person);
    backend.as_citizen(session).post(&path, request).await
}

/// Apply for the owner of `session`, and have what sweeps do done.
pub(crate) async fn apply(backend: &Backend, session: &Session) -> Value {
    let filed = ask(backend, session, application()).await;
    assert_eq!(
        filed.status,
        201,
        "{}",
        String::from_utf8_lossy(&filed.body)
    );
    settle(backend).await;
    read(backend, session, &filed.ok()).await
}

/// `application` as it stands now.
pub(crate) async fn read(backend: &Backend, session: &Session, application: &Value) -> Value {
    let id = text(&application["id"]);
    let path = format!("/v1/people/{}/pass-applications/{id}", session.person);
    backend.as_citizen(session).get(&path).await.ok()
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// Somebody who issues cards in [`COMMUNITY`].
pub(crate) async fn issuer(backend: &Backend) -> StaffMember {
    backend
        .staff_of_community(Role::CommunityIssuer, COMMUNITY)
        .await
}

/// Have `staff` do `what` to the case of `application`.
pub(crate) async fn act(staff: &StaffMember, application: &Value, what: Value) -> Reply {
    let case = text(&application["stage"]["case"]);
    let path = format!("/v1/staff/review/cases/{case}/actions");
    staff.post(&path, what).await
}

pub(crate) async fn approve(staff: &StaffMember, application: &Value) -> Reply {
    act(staff, application, json!({"action": "approve"})).await
}

/// Put on record that `staff` tried to reach the applicant. The contact's id.
pub(crate) async fn contact(staff: &StaffMember, application: &Value, result: &str) -> String {
    let case = text(&application["stage"]["case"]);
    let path = format!("/v1/staff/review/cases/{case}/contacts");
    let made = json!({"means": "telephone", "result": result});
    text(&staff.post(&path, made).await.ok()["id"]).to_owned()
}

pub(crate) async fn card_of(backend: &Backend, session: &Session) -> Value {
    let path = format!("/v1/people/{}/pass-card", session.person);
    backend.as_citizen(session).get(&path).await.ok()
}

/// How a gate answers to `token` and a temperature.
pub(crate) async fn at_gate(backend: &Backend, token: &Value, temperature: Option<f64>) -> Value {
    // A process remembers a colour for two seconds.
    backend.wait(TimeDelta::seconds(3));
    let scanned = json!({"token": token, "temperature": temperature});
    backend
        .anyone()
        .post("/v1/passes/verify", scanned)
        .await
        .ok()
}

/// Decision and reason.
pub(crate) fn decision(answer: &Value) -> (&Value, &Value) {
    (&answer["decision"], &answer["reason"])
}

/// Somebody with a card, and the application that it was issued on.
pub(crate) async fn with_card(
    backend: &Backend,
    phone: &str,
    identity: integration_tests::backend::Identity,
) -> (Session, Value) {
    let session = backend.green(phone, identity).await;
    let application = apply(backend, &session).await;
    approve(&issuer(backend).await, &application).await.ok();
    (session, application)
}

pub(crate) fn person(session: &Session) -> PersonId {
    PersonId(session.person.parse().unwrap())
}

/// Every card of the owner of `session`, in order.
pub(crate) async fn cards_of(backend: &Backend, session: &Session) -> Vec<pass_card::Model> {
    pass_card::Entity::find()
        .filter(pass_card::Column::PersonId.eq(person(session)))
        .order_by_asc(pass_card::Column::Serial)
        .all(&backend.deps.db)
        .await
        .unwrap()
}

/// Leave a row in each table of pass cards, for the owner of `session`, who declared.
pub(crate) async fn live_through(backend: &Backend, session: &Session) {
    const ELSEWHERE: &str = "310101009001";
    backend.community(ELSEWHERE).await;
    let request = json!({"community": ELSEWHERE, "confirmed_true": true});
    let filed = ask(backend, session, request).await.ok();
    settle(backend).await;
    let issuer = || backend.staff_of_community(Role::CommunityIssuer, ELSEWHERE);
    let staff = issuer().await;
    let shown = contact(&staff, &filed, "contradicted").await;
    approve(&staff, &filed).await.ok();
    let mark =
        json!({"falsehood": "health", "text": "体温不实", "evidence": format!("contact/{shown}")});
    let path = format!(
        "/v1/staff/pass-applications/{}/false-declaration",
        text(&filed["id"])
    );
    issuer().await.post(&path, mark).await.ok();
}
