//! Roads, a registry of vehicles that says what it is told to, and passes that are there before the test
//! begins.

use std::sync::{Arc, Mutex};

use anyhow::anyhow;
use api::{
    clients::{VehicleRecord, VehicleRegistry, VehicleRegistryUnavailable},
    config::{Counterpart, PublicKey},
    documents::{self, Page, Paper},
    platform::{Clock, Entropy, OsEntropy},
};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::NaiveDate;
use entity::{
    road_section,
    values::{
        CaseSubject, Division, OrganisationId, Plate, PlateColour, RoadSectionId, Role, SectionCode,
    },
};
use futures_util::future::{BoxFuture, FutureExt, ready};
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

use crate::{
    Backend, Stack,
    backend::Session,
    call::{Caller, Reply},
};

/// The district where vehicles drive first.
pub const DISTRICT: &str = "310101";
/// A plate of Shanghai, as people write it.
pub const PLATE: &str = "沪A·12345";
/// The sections of roads that are there.
pub const SECTIONS: [&str; 3] = ["310101-0001", "310101-0002", "310101-0003"];

/// A registry of vehicles that says what it is told to.
#[derive(Debug, Clone)]
pub struct TrafficRegistry(Arc<Mutex<Says>>);

/// What it says of every vehicle.
#[derive(Debug, Clone, Copy)]
pub enum Says {
    /// Nothing.
    Nothing,
    /// That there is no such vehicle.
    Unregistered,
    /// That there is.
    Registered {
        /// Violations that nobody settled.
        violations: u32,
        /// The last day for which it is inspected.
        inspected_until: NaiveDate,
    },
}

impl TrafficRegistry {
    /// From now on it says `says`.
    pub fn say(&self, says: Says) {
        *self.0.lock().expect("nobody panicked") = says;
    }

    /// It knows the vehicle, with so many violations, inspected until `day`.
    pub fn say_registered(&self, violations: u32, day: &str) {
        self.say(Says::Registered {
            violations,
            inspected_until: day.parse().expect("a day"),
        });
    }
}

impl Default for TrafficRegistry {
    fn default() -> Self {
        let registry = Self(Arc::new(Mutex::new(Says::Nothing)));
        registry.say_registered(0, "2026-12-31");
        registry
    }
}

impl VehicleRegistry for TrafficRegistry {
    fn look_up<'a>(
        &'a self,
        _: &'a Plate,
        _: PlateColour,
    ) -> BoxFuture<'a, Result<Option<VehicleRecord>, VehicleRegistryUnavailable>> {
        let says = *self.0.lock().expect("nobody panicked");
        ready(match says {
            Says::Nothing => Err(VehicleRegistryUnavailable(anyhow!("silent"))),
            Says::Unregistered => Ok(None),
            Says::Registered {
                violations,
                inspected_until,
            } => Ok(Some(VehicleRecord {
                unresolved_violations: violations,
                inspected_until,
            })),
        })
        .boxed()
    }
}

impl Backend {
    /// One with sections of roads and a registry of vehicles.
    pub async fn with_roads(stack: Stack) -> (Self, TrafficRegistry) {
        let registry = TrafficRegistry::default();
        let own = registry.clone();
        let backend = Self::start_reaching(stack, |deps| {
            deps.vehicles = Arc::new(own);
            deps.vehicle_passes.counterparts = vec![counterpart()];
        })
        .await;
        for code in SECTIONS {
            backend.restricted(code).await;
        }
        (backend, registry)
    }

    /// A section that is restricted every day from 7 to 20 o'clock, for whoever has no pass.
    pub async fn restricted(&self, code: &str) {
        let day = json!(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]);
        let week = json!([{"weekdays": day, "from": "07:00", "until": "20:00"}]);
        self.road_in_week(code, week).await;
    }

    /// A section with these restricted hours; an open road if there are none.
    pub async fn road_in_week(&self, code: &str, restricted: Value) {
        let row = road_section::Model {
            id: RoadSectionId(OsEntropy.id()),
            code: code.parse::<SectionCode>().expect("a code"),
            version: 1,
            division: Division::try_from(code.chars().take(6).collect::<String>()).expect("a code"),
            valid_from: "2026-01-01".parse().expect("a day"),
            ended: false,
            name_zh: "延安东路".into(),
            name_en: "Yan'an Road East".into(),
            restricted,
            classes: json!([]),
            ways_around: json!([]),
            decided_at: self.clock.now(),
        };
        road_section::Entity::insert(row.into_active_model())
            .exec_without_returning(&self.deps.db)
            .await
            .expect("a section");
    }

    /// A picture that the caller sent; its id.
    pub async fn picture(&self, caller: &Caller) -> Value {
        Self::picture_to(caller, "/v1/uploads").await
    }

    /// The same for a unit that the caller acts for.
    pub async fn picture_of_unit(&self, caller: &Caller, unit: OrganisationId) -> Value {
        Self::picture_to(caller, &format!("/v1/organisations/{unit}/uploads")).await
    }

    async fn picture_to(caller: &Caller, path: &str) -> Value {
        let png = documents::png(&Page::new(Paper::A6), 1.0).expect("a picture");
        let request = caller
            .request(reqwest::Method::POST, path)
            .header("content-type", "image/png")
            .header("idempotency-key", OsEntropy.id().to_string())
            .body(png);
        Reply::to(request).await.ok()["id"].clone()
    }

    /// An application of `session` for a pass of the type `livelihood`, filled in, with nobody aboard but
    /// who applies, who drives.
    pub async fn vehicle_draft(&self, session: &Session, form: Value) -> Value {
        let citizen = self.as_citizen(session);
        let begin = json!({"type": "livelihood", "division": DISTRICT});
        let draft = citizen.post("/v1/vehicle-applications", begin).await.ok();
        let path = vehicle_application(&draft);
        let mut form = form;
        if form["materials"].is_null() {
            let licence = self.picture(&citizen).await;
            form["materials"] = json!([{"kind": "vehicle_licence", "upload": licence}]);
        }
        citizen.put(&format!("{path}/form"), form).await.ok();
        let driver = json!({"role": "driver", "person": session.person});
        citizen.post(&format!("{path}/people"), driver).await.ok();
        citizen.get(&path).await.ok()
    }

    /// Have somebody who reviews where an application is decided do `what` to its case.
    pub async fn decide_on_vehicle(&self, application: &Value, what: Value) -> Reply {
        let id = text(&application["id"]).parse().expect("an id");
        let case = api::review::case_about(&self.deps.db, CaseSubject::VehiclePass, id).await;
        let case = case.expect("the database answers").expect("a case");
        let staff = self
            .staff(Role::Reviewer, text(&application["division"]))
            .await;
        let path = format!("/v1/staff/review/cases/{}/actions", case.id);
        staff.post(&path, what).await
    }

    /// A pass of `session`, who is green and drives alone, for [`PLATE`] and [`SECTIONS`], from today on for
    /// a week, as its holder reads it.
    pub async fn vehicle_pass(&self, session: &Session) -> Value {
        let draft = self.vehicle_draft(session, vehicle_form()).await;
        self.submitted_and_granted(session, &draft).await
    }

    /// The same of a draft that is whole.
    pub async fn submitted_and_granted(&self, session: &Session, draft: &Value) -> Value {
        let citizen = self.as_citizen(session);
        let path = vehicle_application(draft);
        citizen
            .post(&format!("{path}/submission"), Value::Null)
            .await
            .ok();
        self.decide_on_vehicle(draft, json!({"action": "approve"}))
            .await
            .ok();
        let granted = citizen.get(&path).await.ok();
        let pass = format!("/v1/vehicle-passes/{}", text(&granted["pass"]));
        citizen.get(&pass).await.ok()
    }
}

/// What is filled in: [`PLATE`] over [`SECTIONS`], every day from 6 to 22 o'clock, for a week from Monday 2
/// March 2026 on.
#[must_use]
pub fn vehicle_form() -> Value {
    json!({
        "agreement": "2026-03-01",
        "vehicle": {"plate": PLATE, "plate_colour": "blue"},
        "route": {"kind": "sections", "sections": SECTIONS},
        "hours": {
            "weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
            "from": "06:00", "until": "22:00", "first": "2026-03-02", "last": "2026-03-08",
        },
        "purpose": "运送生活物资",
    })
}

/// The key of Zhejiang's platform.
fn key_of_counterpart() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[33; 32]).expect("a key")
}

/// Zhejiang's platform, which recognises passes.
#[must_use]
pub fn counterpart() -> Counterpart {
    let key = key_of_counterpart();
    let public = <[u8; 32]>::try_from(key.public_key().as_ref()).expect("32 bytes");
    Counterpart {
        id: "zhejiang".into(),
        name: "浙江省".into(),
        division: Division::try_from("330000".to_owned()).expect("a province"),
        public_key: PublicKey(public),
    }
}

/// What it asks with the text that `leave` has.
#[must_use]
pub fn recognition(leave: &Value) -> Value {
    let authorisation = text(&leave["authorisation"]);
    let signed = format!("tongxing-recognition-v1\nzhejiang\n{authorisation}");
    let signature = key_of_counterpart().sign(signed.as_bytes());
    let signature = BASE64_STANDARD.encode(signature.as_ref());
    json!({
        "authorisation": authorisation,
        "counterpart": {"id": "zhejiang", "signature": signature},
    })
}

/// Where an application is.
#[must_use]
pub fn vehicle_application(application: &Value) -> String {
    format!("/v1/vehicle-applications/{}", text(&application["id"]))
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
