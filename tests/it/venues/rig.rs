//! Units, their venues, and who decides on them.

use api::{http::problem::Problem, review, venues};
use entity::{
    values::{
        Assurance, CaseOutcome, CaseSubject, Division, OrganisationId, PersonId, Role,
        VenueApplicationId, VenueApplicationKind, VenueCategory, VenueChannel, VenueId,
    },
    venue_application,
};
use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, Session, ZHANG},
    call::{Caller, Reply},
    organisations::COMPANY,
};
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

use crate::organisations::rig as organisations;

/// Huangpu and Xuhui.
pub(crate) const DISTRICT: &str = "310101";
pub(crate) const ANOTHER: &str = "310104";

/// Zhang, and the unit whose legal person they are.
pub(crate) async fn unit(backend: &Backend) -> (Session, OrganisationId) {
    let zhang = backend.verified("13800138000", ZHANG).await;
    (zhang, backend.organisation(COMPANY).await)
}

/// The grandmother, who accepted to act for `unit`, and the invitation.
pub(crate) async fn agent(
    backend: &Backend,
    session: &Caller,
    unit: OrganisationId,
) -> (Session, Value) {
    let phone = "13900139000";
    let invited = organisations::invite(session, &unit.to_string(), phone).await;
    let agent = backend.verified(phone, GRANDMOTHER).await;
    organisations::accept(&backend.as_citizen(&agent))
        .await
        .ok();
    (agent, invited)
}

pub(crate) fn of_unit(unit: OrganisationId, rest: &str) -> String {
    format!("/v1/organisations/{unit}/{rest}")
}

/// What is asked for.
pub(crate) fn bookshop() -> Value {
    json!({
        "name": "人民广场书店",
        "category": "shop",
        "division": DISTRICT,
        "address": "人民大道 1 号",
    })
}

pub(crate) async fn ask(caller: &Caller, unit: OrganisationId, request: Value) -> Reply {
    caller.post(&of_unit(unit, "venues"), request).await
}

/// The case of an application.
pub(crate) async fn case_of(backend: &Backend, application: &Value) -> String {
    let id = text(&application["id"]).parse().unwrap();
    let case = review::case_about(&backend.deps.db, CaseSubject::Venue, id).await;
    case.unwrap().unwrap().id.to_string()
}

/// Have somebody who reviews in `division` do `what` to the case of an application.
pub(crate) async fn decide(
    backend: &Backend,
    application: &Value,
    division: &str,
    what: Value,
) -> Reply {
    let case = case_of(backend, application).await;
    let staff = backend.staff(Role::Reviewer, division).await;
    staff
        .post(&format!("/v1/staff/review/cases/{case}/actions"), what)
        .await
}

pub(crate) async fn approve(backend: &Backend, application: &Value, division: &str) {
    let approval = json!({"action": "approve"});
    decide(backend, application, division, approval).await.ok();
}

/// A venue of `unit` whose code counts, as its unit reads it.
pub(crate) async fn open(
    backend: &Backend,
    caller: &Caller,
    unit: OrganisationId,
    request: Value,
) -> Value {
    let asked = ask(caller, unit, request).await.ok();
    approve(backend, &asked, text(&asked["division"])).await;
    read(caller, unit, &asked["venue"]).await
}

pub(crate) async fn read(caller: &Caller, unit: OrganisationId, venue: &Value) -> Value {
    let path = of_unit(unit, &format!("venues/{}", text(venue)));
    caller.get(&path).await.ok()
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// Which venue `scanned` names here and now and how sure that is, or by what name it is refused.
pub(crate) async fn scan(
    backend: &Backend,
    scanned: &str,
) -> Result<(VenueId, Assurance), &'static str> {
    let (deps, now) = (&backend.deps, backend.deps.clock.now());
    let door = venues::scanned(deps, scanned, now).await;
    door.map(|(door, assurance)| (door.venue, assurance))
        .map_err(|error| Problem::from(error).kind.slug)
}

/// Leave a row in each table of venues.
pub(crate) async fn live_through(backend: &Backend, session: &Session) {
    let venue = backend.venue(VenueCategory::Shop).await;
    let row = venue_application::Model {
        id: VenueApplicationId(venue.id.0),
        kind: VenueApplicationKind::New,
        venue_id: venue.id,
        organisation_id: venue.organisation,
        applied_by: PersonId(session.person.parse().unwrap()),
        applied_at: backend.deps.clock.now(),
        channel: VenueChannel::OpenPlatform,
        name: "人民广场书店".into(),
        category: VenueCategory::Shop,
        division: Division::try_from(DISTRICT.to_owned()).unwrap(),
        address: "黄浦区".into(),
        rotating_only: false,
        open_of: None,
        outcome: Some(CaseOutcome::Approved),
        closed_at: Some(backend.deps.clock.now()),
    };
    venue_application::Entity::insert(row.into_active_model())
        .exec_without_returning(&backend.deps.db)
        .await
        .unwrap();
}
