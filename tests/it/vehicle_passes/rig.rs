//! What tests of vehicle passes do.

use api::{
    credentials::{cose::VerifyingKey, key_list::KeyList},
    jobs::Sweep,
    platform::Clock,
    vehicle_passes::LookAfterPasses,
};
use entity::values::Role;
use integration_tests::{
    Backend,
    backend::{Identity, Session},
    call::{Caller, Reply},
    vehicles::vehicle_application,
};
use serde_json::{Value, json};

/// Zhang's phone, and their grandmother's.
pub(crate) const PHONE: &str = "13800138000";
pub(crate) const PASSENGER: &str = "13900139000";

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

pub(crate) fn pass_path(pass: &Value) -> String {
    format!("/v1/vehicle-passes/{}", text(pass))
}

/// The keys that whoever pins the root believes.
pub(crate) async fn keys(backend: &Backend) -> KeyList {
    let root = backend.deps.keyring.root().expect("the root is here");
    let root = VerifyingKey::new(root.kid(), root.public_key()).unwrap();
    let list = backend.anyone().get("/v1/keys").await.body;
    KeyList::verify(&list, &root, backend.clock.now(), 0).unwrap()
}

/// Have it recorded that `identity` met somebody who is infected: they are not green any more.
pub(crate) async fn contact(backend: &Backend, identity: Identity) -> Value {
    let staff = backend.staff(Role::Epidemiologist, "310000").await;
    let fact = json!({
        "kind": "close_contact",
        "happened_at": backend.clock.now(),
        "document_kind": "resident_card",
        "document_number": identity.number,
    });
    let fact = staff.post("/v1/staff/facts", fact).await.ok();
    backend.compare().await;
    fact
}

/// Have it withdrawn.
pub(crate) async fn lift(backend: &Backend, fact: &Value) {
    let staff = backend.staff(Role::Epidemiologist, "310000").await;
    let path = format!("/v1/staff/facts/{}/withdrawal", text(&fact["id"]));
    staff
        .post(&path, json!({"reason": "wrong_person"}))
        .await
        .ok();
    backend.compare().await;
}

/// Run the sweep until nothing is due.
pub(crate) async fn look_after(backend: &Backend) {
    while LookAfterPasses::run(&backend.deps).await.unwrap() > 0 {}
}

/// What is on record under `event`, as it is kept.
pub(crate) async fn events(backend: &Backend, event: &str) -> Vec<String> {
    use entity::audit_entry::{Column, Entity};
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

    let rows = Entity::find().filter(Column::Event.eq(event));
    let rows = rows.all(&backend.deps.db).await.unwrap();
    rows.iter().map(|row| format!("{row:?}")).collect()
}

pub(crate) async fn submit(caller: &Caller, draft: &Value) -> Reply {
    let path = format!("{}/submission", vehicle_application(draft));
    caller.post(&path, Value::Null).await
}

/// Leave a row in each table of vehicle passes.
#[expect(clippy::too_many_lines, reason = "one row a table")]
pub(crate) async fn live_through(backend: &Backend, session: &Session) {
    use entity::{
        values::{
            AboardId, AboardRole, AuthorisationId, Division, PersonId, StatusIndex, UploadId,
            VehicleApplicationId, VehicleApplicationKind, VehicleApplicationState, VehicleMaterial,
            VehiclePassId,
        },
        vehicle_aboard, vehicle_application, vehicle_authorisation, vehicle_identity,
        vehicle_material, vehicle_pass, vehicle_pass_serial,
    };
    use sea_orm::{EntityTrait, IntoActiveModel};

    let (db, now) = (&backend.deps.db, backend.clock.now());
    let id = backend.deps.entropy.id();
    let person = PersonId(session.person.parse().unwrap());
    let division = Division::try_from("310101".to_owned()).unwrap();
    let (route, hours) = {
        let form = integration_tests::vehicles::vehicle_form();
        (form["route"].clone(), form["hours"].clone())
    };
    let application = vehicle_application::Model {
        id: VehicleApplicationId(id),
        kind: VehicleApplicationKind::New,
        state: VehicleApplicationState::Closed,
        type_key: "livelihood".into(),
        type_version: 1,
        organisation_id: None,
        applied_by: person,
        division: division.clone(),
        created_at: now,
        saved_at: now,
        agreed_at: Some(now),
        plate: None,
        plate_colour: None,
        vin: None,
        route: Some(route.clone()),
        hours: Some(hours.clone()),
        purpose: None,
        predecessor: None,
        submitted_at: Some(now),
        findings: None,
        inspected_until: None,
        ask_at: None,
        outcome: None,
        closed_at: None,
    };
    vehicle_application::Entity::insert(application.into_active_model())
        .exec_without_returning(db)
        .await
        .unwrap();
    let place = vehicle_aboard::Model {
        id: AboardId(id),
        application_id: VehicleApplicationId(id),
        role: AboardRole::Driver,
        phone_index: None,
        phone: None,
        person_id: Some(person),
        asked_at: now,
        agreed_at: Some(now),
        tell_at: None,
        ended_at: None,
        ending: None,
    };
    vehicle_aboard::Entity::insert(place.into_active_model())
        .exec_without_returning(db)
        .await
        .unwrap();
    let material = vehicle_material::Model {
        application_id: VehicleApplicationId(id),
        upload_id: UploadId(id),
        kind: VehicleMaterial::VehicleLicence,
        added_at: now,
    };
    vehicle_material::Entity::insert(material.into_active_model())
        .exec_without_returning(db)
        .await
        .unwrap();
    let pass = vehicle_pass::Model {
        id: VehiclePassId(id),
        application_id: VehicleApplicationId(id),
        type_key: "livelihood".into(),
        type_version: 1,
        organisation_id: None,
        person_id: person,
        division: division.clone(),
        number: "310101000001".into(),
        plate: None,
        vin: None,
        route,
        hours,
        valid_from: now,
        valid_until: now,
        issued_at: now,
        status_index: StatusIndex::from_number(0),
        predecessor: None,
        void: None,
        void_from: None,
        revocation: None,
        inspected_until: None,
        stood: true,
        reminded_at: None,
        due_at: None,
    };
    vehicle_pass::Entity::insert(pass.into_active_model())
        .exec_without_returning(db)
        .await
        .unwrap();
    let serial = vehicle_pass_serial::Model { division, last: 1 };
    vehicle_pass_serial::Entity::insert(serial.into_active_model())
        .exec_without_returning(db)
        .await
        .unwrap();
    let vehicle = vehicle_identity::Model {
        mark: "沪A12345".into(),
        asked_at: now,
    };
    vehicle_identity::Entity::insert(vehicle.into_active_model())
        .exec_without_returning(db)
        .await
        .unwrap();
    let leave = vehicle_authorisation::Model {
        id: AuthorisationId(id),
        pass_id: VehiclePassId(id),
        digest: vec![1; 32],
        made_at: now,
        expires_at: now,
        used_at: None,
        used_by: None,
    };
    vehicle_authorisation::Entity::insert(leave.into_active_model())
        .exec_without_returning(db)
        .await
        .unwrap();
}
