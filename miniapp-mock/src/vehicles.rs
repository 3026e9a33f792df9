//! The registry of vehicles: what the traffic police know of a plate.

use actix_web::http::Method;
use chrono::{DateTime, NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::call::{Call, Reply, Trouble};
use crate::state::{Inner, lock};

const JSON: &str = "application/json";

/// Days for which vehicles that nobody registered count as inspected.
const INSPECTED_FOR: TimeDelta = TimeDelta::days(180);

/// A vehicle that the registry knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisteredVehicle {
    /// The number on the plate: `津A12345`.
    pub plate: String,
    /// Its colour: `blue`.
    pub colour: String,
    /// Violations that nobody settled.
    #[serde(default)]
    pub unresolved_violations: u32,
    /// The last day on which it counts as inspected.
    pub inspected_until: NaiveDate,
}

/// Which vehicles there are, and what is said of the rest.
pub(crate) struct Vehicles {
    known: Vec<RegisteredVehicle>,
    /// Plates of vehicles that there are not.
    unknown: Vec<String>,
    lenient: bool,
}

impl Default for Vehicles {
    fn default() -> Self {
        Self {
            known: Vec::new(),
            unknown: Vec::new(),
            lenient: true,
        }
    }
}

impl Vehicles {
    /// Register `vehicle`, in place of whichever had the plate.
    pub(crate) fn register(&mut self, vehicle: RegisteredVehicle) {
        self.remove(&vehicle.plate);
        self.unknown.retain(|plate| *plate != vehicle.plate);
        self.known.push(vehicle);
    }

    /// Have no vehicle with `plate`.
    pub(crate) fn unregister(&mut self, plate: &str) {
        self.remove(plate);
        self.unknown.push(plate.to_owned());
    }

    fn remove(&mut self, plate: &str) {
        self.known.retain(|known| known.plate != plate);
    }

    pub(crate) fn set_lenient(&mut self, lenient: bool) {
        self.lenient = lenient;
    }

    /// A lenient registry has every vehicle that nobody told it about, without violations.
    fn find(&self, asked: &Question, now_ms: i64) -> Option<(u32, NaiveDate)> {
        let mut of_plate = self.known.iter().filter(|known| known.plate == asked.plate);
        if let Some(known) = of_plate.find(|known| known.colour == asked.colour) {
            return Some((known.unresolved_violations, known.inspected_until));
        }
        let told = self.known.iter().any(|known| known.plate == asked.plate)
            || self.unknown.contains(&asked.plate);
        if told || !self.lenient {
            return None;
        }
        let now = DateTime::from_timestamp_millis(now_ms)?;
        Some((0, (now + INSPECTED_FOR).date_naive()))
    }
}

#[derive(Deserialize)]
struct Question {
    plate: String,
    colour: String,
}

/// `POST /traffic/v1/vehicles/query`.
pub(crate) fn answer(world: &Inner, call: &Call) -> Reply {
    if call.method != Method::POST {
        return failure(405, "method_not_allowed");
    }
    let key = call
        .header("authorization")
        .and_then(|value| value.strip_prefix("Bearer "));
    if key != Some(world.config.vehicle_registry_key.as_str()) {
        return failure(401, "unauthorized");
    }
    let Ok(question) = serde_json::from_slice::<Question>(&call.body) else {
        return failure(400, "malformed_request");
    };
    let found = lock(&world.vehicles).find(&question, world.clock.now_ms());
    match found {
        Some((unresolved_violations, inspected_until)) => said(
            &json!({
                "result": "registered",
                "unresolved_violations": unresolved_violations,
                "inspected_until": inspected_until,
            }),
            "registered",
        ),
        None => said(&json!({"result": "unregistered"}), "unregistered"),
    }
}

fn said(body: &Value, code: &str) -> Reply {
    Reply::new(JSON, body.to_string(), code)
}

/// Refuse a call without looking at it.
pub(crate) fn refuse(trouble: &Trouble) -> Reply {
    match trouble {
        Trouble::Busy => failure(503, "busy"),
        Trouble::Quota => failure(429, "quota_exceeded"),
        Trouble::Code(code) => failure(400, code),
    }
}

fn failure(status: u16, code: &str) -> Reply {
    said(&json!({"error": code}), code).with_status(status)
}
