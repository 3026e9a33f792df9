//! Who is met on the way: offices, a registry, posts, and a coach full of workers.

use api::{
    checkpoints::{
        offline::{Gate, Held, decide_all},
        roadside::Vehicle,
        ways::Ways,
    },
    credentials::{bundle::Bundle, cose::VerifyingKey},
    platform::Clock,
};
use chrono::TimeDelta;
use entity::values::{OrganisationId, Role};
use integration_tests::{
    Backend, StaffMember,
    backend::{GRANDMOTHER, Identity, Session, ZHANG, declaration},
    call::Caller,
    gates::{GateDevice, Stands},
    organisations::COMPANY,
};
use miniapp_mock::{RegisteredPerson, RegisteredVehicle};
use serde_json::{Value, json};

use crate::work_permits::rig as work;

/// Jiang'an in Wuhan, where the employer is; Shashi in Jingzhou, where the workers live.
pub(crate) const EMPLOYER: &str = "420102";
pub(crate) const HOME: &str = "421002";

/// A section of the way between them, and the coach that takes it.
pub(crate) const SECTION: &str = "421002-0001";
pub(crate) const COACH_PLATE: &str = "鄂A12345";

/// Whoever returns to work.
const WORKERS: [(Identity, &str); 3] = [
    (GRANDMOTHER, "13900139000"),
    (
        Identity {
            name: "王芳",
            number: "421002199102230249",
        },
        "13700137001",
    ),
    (
        Identity {
            name: "刘伟",
            number: "421002198807114518",
        },
        "13700137002",
    ),
];

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// Decision and reason.
pub(crate) fn said(view: &Value) -> (&str, &str) {
    (text(&view["decision"]), text(&view["reason"]))
}

/// What stands in the one QR symbol of `picture`.
pub(crate) fn symbol(picture: &[u8]) -> String {
    let picture = image::load_from_memory(picture).expect("a picture");
    let mut picture = rqrr::PreparedImage::prepare(picture.to_luma8());
    let symbols = picture.detect_grids();
    assert_eq!(symbols.len(), 1);
    symbols[0].decode().expect("a symbol that reads").1
}

/// A vehicle as the traffic registry knows it.
pub(crate) fn vehicle(plate: &str, colour: &str, unresolved_violations: u32) -> RegisteredVehicle {
    RegisteredVehicle {
        plate: plate.into(),
        colour: colour.into(),
        unresolved_violations,
        inspected_until: "2026-12-31".parse().expect("a day"),
    }
}

/// Have `office` restrict `section` at all hours, from today on.
pub(crate) async fn restrict(office: &StaffMember, section: &str) {
    let days = json!(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]);
    let decided = json!({
        "name_zh": "海河隧道", "name_en": "Haihe Tunnel", "valid_from": "2026-03-02",
        "restricted": [{"weekdays": days, "from": "00:00", "until": "24:00"}],
    });
    let path = format!("/v1/staff/road-sections/{section}");
    office.put(&path, decided).await.ok();
}

/// Have `passenger` agree to the only place that they are asked to take.
pub(crate) async fn rides_along(passenger: &Caller) {
    let asked = passenger.get("/v1/me/vehicle-invitations").await.ok();
    let place = text(&asked["invitations"][0]["id"]);
    let consent = format!("/v1/me/vehicle-invitations/{place}/consent");
    passenger.post(&consent, Value::Null).await.ok();
}

/// A device of a post that watches `section`.
pub(crate) async fn watching(backend: &Backend, section: &str) -> GateDevice {
    let post = backend.checkpoint_on(Some(section)).await;
    backend.device(Stands::On(post)).await
}

/// What a device goes by where there is no network.
pub(crate) struct Tunnel {
    bundle: Bundle,
    ways: Ways,
    section: String,
}

/// What `device` fetches before it drives into the tunnel of `section`.
pub(crate) async fn tunnel(backend: &Backend, device: &GateDevice, section: &str) -> Tunnel {
    let root = backend.deps.keyring.root().expect("the root is here");
    let root = VerifyingKey::new(root.kid(), root.public_key()).expect("a key");
    let reply = device.get("/v1/gate/bundle").await;
    assert_eq!(reply.status, 200);
    let bundle = Bundle::verify(&reply.body, &root, backend.clock.now(), 0).expect("a bundle");
    let ways = Ways::unpacked(&bundle.contents.ways).expect("ways");
    Tunnel {
        bundle,
        ways,
        section: section.into(),
    }
}

impl Tunnel {
    /// Why the device does what it does with whoever shows `texts` in the vehicle with `plate`.
    pub(crate) fn says(&self, backend: &Backend, plate: &str, texts: &[&str]) -> String {
        let held: Vec<Held<'_>> = texts
            .iter()
            .map(|text| Held {
                text,
                document_last4: None,
                temperature_tenths: Some(365),
            })
            .collect();
        let section = self.section.parse().expect("a code");
        let vehicle = Vehicle {
            plate: Some(plate),
            section: Some(&section),
            at: backend.clock.now(),
        };
        let gate = Gate {
            bundle: &self.bundle,
            ways: &self.ways,
            device: None,
        };
        let answers = decide_all(gate, &held, vehicle).expect("an answer");
        text(&json!(answers.reason)).to_owned()
    }
}

/// Somebody who returns to work.
pub(crate) struct Worker {
    pub(crate) session: Session,
    pub(crate) identity: Identity,
    phone: &'static str,
}

/// An employer, whose legal person Zhang acts for it and drives, and who returns.
pub(crate) struct Coach {
    pub(crate) unit: Caller,
    pub(crate) organisation: OrganisationId,
    pub(crate) zhang: Session,
    pub(crate) workers: Vec<Worker>,
}

pub(crate) async fn coach(backend: &Backend) -> Coach {
    let zhang = backend.verified("13800138000", ZHANG).await;
    let organisation = backend.organisation(COMPANY).await;
    backend.on_the_white_list(COMPANY, EMPLOYER).await;
    let mut workers = Vec::new();
    for (identity, phone) in WORKERS {
        backend.mock.register_person(RegisteredPerson {
            name: identity.name.into(),
            document: "resident_card".into(),
            number: identity.number.into(),
        });
        workers.push(Worker {
            session: backend.verified(phone, identity).await,
            identity,
            phone,
        });
    }
    Coach {
        unit: backend.as_citizen(&zhang),
        organisation,
        zhang,
        workers,
    }
}

/// Every worker's permit: the employer's county agrees, the workers declare, their county certifies, the
/// province opens.
pub(crate) async fn certified(
    backend: &Backend,
    unit: &Caller,
    organisation: OrganisationId,
    workers: &[Worker],
) {
    let lines: Vec<String> = workers
        .iter()
        .map(|worker| work::line(worker.identity, worker.phone, HOME, ""))
        .collect();
    let sent = work::send(unit, organisation, work::form(&lines))
        .await
        .ok();
    assert_eq!(sent["workflow"], "work_hubei");
    work::sweep(backend).await;
    decide_all_cases(backend, EMPLOYER).await;
    work::sweep(backend).await;
    for worker in workers {
        let mut declared = declaration();
        declared["division"] = json!(HOME);
        let path = format!("/v1/people/{}/declarations", worker.session.person);
        let page = backend.as_citizen(&worker.session);
        page.post(&path, declared).await.ok();
    }
    backend.compare().await;
    backend.wait(TimeDelta::minutes(1));
    work::sweep(backend).await;
    decide_all_cases(backend, HOME).await;
    decide_all_cases(backend, "420000").await;
}

/// Have a reviewer of `area` approve everything in their inbox.
async fn decide_all_cases(backend: &Backend, area: &str) {
    let reviewer = backend.staff(Role::Reviewer, area).await;
    let inbox = reviewer.get("/v1/staff/review/cases").await.ok();
    let cases = inbox["items"].as_array().expect("a page");
    assert_eq!(cases.len(), WORKERS.len(), "{inbox}");
    for case in cases {
        let path = format!("/v1/staff/review/cases/{}/actions", text(&case["id"]));
        let approval = json!({"action": "approve", "text": "已满十四天，情况属实"});
        reviewer.post(&path, approval).await.ok();
    }
}

/// Have it recorded that `identity` met somebody who is infected.
pub(crate) async fn contact(backend: &Backend, identity: Identity) {
    let staff = backend.staff(Role::Epidemiologist, "420000").await;
    let fact = json!({
        "kind": "close_contact",
        "happened_at": backend.clock.now(),
        "document_kind": "resident_card",
        "document_number": identity.number,
    });
    staff.post("/v1/staff/facts", fact).await.ok();
    backend.compare().await;
}

/// A pass for a coach that Zhang drives and all `workers` ride in: where it is, and what its symbol says.
pub(crate) async fn chartered(
    backend: &Backend,
    unit: &Caller,
    organisation: OrganisationId,
    zhang: &Session,
    workers: &[Worker],
) -> (String, String) {
    let office = backend.staff(Role::RegionAdmin, HOME).await;
    restrict(&office, SECTION).await;
    backend
        .mock
        .register_vehicle(vehicle(COACH_PLATE, "yellow", 0));
    backend.become_green(zhang).await;
    let begun = json!({"type": "charter", "division": HOME, "organisation": organisation});
    let draft = unit.post("/v1/vehicle-applications", begun).await.ok();
    let application = format!("/v1/vehicle-applications/{}", text(&draft["id"]));
    let licence = backend.picture_of_unit(unit, organisation).await;
    let form = json!({
        "agreement": "2026-03-01",
        "vehicle": {"plate": COACH_PLATE, "plate_colour": "yellow"},
        "route": {"kind": "sections", "sections": [SECTION]},
        "hours": {"weekdays": ["mon", "tue"], "from": "06:00", "until": "20:00",
            "first": "2026-03-02", "last": "2026-03-10"},
        "purpose": "接返岗员工",
        "materials": [{"kind": "vehicle_licence", "upload": licence}],
    });
    unit.put(&format!("{application}/form"), form).await.ok();
    let people = format!("{application}/people");
    let driver = json!({"role": "driver", "person": zhang.person});
    unit.post(&people, driver).await.ok();
    for worker in workers {
        let passenger = json!({"role": "passenger", "phone": worker.phone});
        unit.post(&people, passenger).await.ok();
        rides_along(&backend.as_citizen(&worker.session)).await;
    }
    let submission = format!("{application}/submission");
    let submitted = unit.post(&submission, Value::Null).await.ok();
    let reviewer = backend.staff(Role::Reviewer, HOME).await;
    let case = format!(
        "/v1/staff/review/cases/{}/actions",
        text(&submitted["case"])
    );
    reviewer
        .post(&case, json!({"action": "approve"}))
        .await
        .ok();
    let granted = unit.get(&application).await.ok();
    let pass = format!("/v1/vehicle-passes/{}", text(&granted["pass"]));
    let shown = unit.get(&pass).await.ok();
    (pass, text(&shown["token"]).to_owned())
}
