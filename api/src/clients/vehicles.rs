//! The registry of vehicles over HTTP: what the traffic police know of a plate.

use std::{fmt, sync::Arc};

use anyhow::{Context, anyhow};
use chrono::NaiveDate;
use entity::values::{Plate, PlateColour};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    Limits,
    outbound::{Call, JSON, Outbound, endpoint},
};
use crate::platform::{Clock, Entropy, Secret};

/// What the registry knows of a registered vehicle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VehicleRecord {
    /// Violations of traffic rules that nobody has settled.
    pub unresolved_violations: u32,
    /// The last day on which the vehicle counts as inspected.
    pub inspected_until: NaiveDate,
}

/// The registry does not answer.
#[derive(Debug, thiserror::Error)]
#[error("the registry of vehicles is not available")]
pub struct VehicleRegistryUnavailable(#[source] pub anyhow::Error);

/// The registry of the traffic police (T3, S4).
pub trait VehicleRegistry: fmt::Debug + Send + Sync {
    /// What is known of the vehicle with `plate` in `colour`. None if there is no such vehicle.
    fn look_up<'a>(
        &'a self,
        plate: &'a Plate,
        colour: PlateColour,
    ) -> BoxFuture<'a, Result<Option<VehicleRecord>, VehicleRegistryUnavailable>>;
}

/// How to reach the registry.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VehicleRegistrySettings {
    /// Where it is. There is no public one, so there is no default.
    pub base_url: String,
    /// Our bearer key.
    pub key: Secret,
    /// What the registry may cost us.
    #[serde(default)]
    pub limits: Limits,
}

/// The registry over HTTP: `POST {base}/traffic/v1/vehicles/query`. A plate stands in the body, so that it
/// gets into nobody's log of addresses.
pub struct HttpVehicleRegistry {
    outbound: Outbound,
    url: Url,
    authorization: Secret,
}

#[derive(Serialize)]
struct Question<'a> {
    plate: &'a str,
    colour: PlateColour,
}

#[derive(Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
enum Answer {
    Registered {
        unresolved_violations: u32,
        inspected_until: NaiveDate,
    },
    Unregistered,
}

impl HttpVehicleRegistry {
    /// A client for the registry of `settings`.
    pub fn new(
        settings: &VehicleRegistrySettings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            outbound: Outbound::new("vehicles", settings.limits, clock, entropy)?,
            url: endpoint(&settings.base_url, "traffic/v1/vehicles/query")?,
            authorization: Secret::new(format!("Bearer {}", settings.key.reveal())),
        })
    }

    async fn ask(&self, question: &Question<'_>) -> anyhow::Result<Option<VehicleRecord>> {
        let body = serde_json::to_vec(question)?;
        let call = Call::post(self.url.clone(), JSON, body)
            .header("authorization", self.authorization.reveal())?
            .idempotent();
        let reply = self.outbound.call(call, self.outbound.deadline()).await?;
        if !reply.status.is_success() {
            return Err(anyhow!(
                "the registry of vehicles answered with status {}",
                reply.status.as_u16()
            ));
        }
        // The parser's own words may quote the answer.
        let answer: Answer = serde_json::from_slice(&reply.body)
            .ok()
            .context("the registry of vehicles answered in a form that is not known")?;
        Ok(match answer {
            Answer::Registered {
                unresolved_violations,
                inspected_until,
            } => Some(VehicleRecord {
                unresolved_violations,
                inspected_until,
            }),
            Answer::Unregistered => None,
        })
    }
}

impl VehicleRegistry for HttpVehicleRegistry {
    fn look_up<'a>(
        &'a self,
        plate: &'a Plate,
        colour: PlateColour,
    ) -> BoxFuture<'a, Result<Option<VehicleRecord>, VehicleRegistryUnavailable>> {
        Box::pin(async move {
            let question = Question {
                plate: plate.as_str(),
                colour,
            };
            self.ask(&question)
                .await
                .map_err(VehicleRegistryUnavailable)
        })
    }
}

impl fmt::Debug for HttpVehicleRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpVehicleRegistry")
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{HttpResponse, http::StatusCode};
    use serde_json::json;

    use super::*;
    use crate::clients::fakes::{Counting, PATIENT, StillClock, json, platform};

    fn registry(base_url: String) -> HttpVehicleRegistry {
        let settings = VehicleRegistrySettings {
            base_url,
            key: "key".into(),
            limits: PATIENT,
        };
        let clock = StillClock::at("2026-03-02T00:00:00Z");
        HttpVehicleRegistry::new(&settings, clock, Arc::new(Counting::default())).unwrap()
    }

    fn plate() -> Plate {
        Plate::parse("津A12345").unwrap()
    }

    #[actix_web::test]
    async fn the_plate_and_its_colour_are_asked_for_in_the_body_with_our_key() {
        let registry = registry(platform(|asked| {
            assert_eq!(asked.path, "/traffic/v1/vehicles/query");
            assert_eq!(asked.headers["authorization"], "Bearer key");
            assert_eq!(asked.json()["plate"], "津A12345");
            json(&match asked.json()["colour"].as_str() {
                Some("blue") => json!({
                    "result": "registered",
                    "unresolved_violations": 2,
                    "inspected_until": "2026-06-30",
                    "remark": "ignored",
                }),
                _ => json!({ "result": "unregistered" }),
            })
        }));
        let known = VehicleRecord {
            unresolved_violations: 2,
            inspected_until: NaiveDate::from_ymd_opt(2026, 6, 30).unwrap(),
        };
        for (colour, expected) in [
            (PlateColour::Blue, Some(known)),
            (PlateColour::Yellow, None),
        ] {
            let answer = registry.look_up(&plate(), colour).await;
            assert_eq!(answer.unwrap(), expected);
        }
    }

    #[actix_web::test]
    async fn any_other_answer_is_none_and_is_not_repeated_in_the_error() {
        for (status, body) in [
            (200, r#"{"result":"津A12345"}"#),
            (
                200,
                r#"{"result":"registered","inspected_until":"津A12345"}"#,
            ),
            (200, "津A12345"),
            (404, r#"{"result":"unregistered"}"#),
            (500, r#"{"result":"unregistered"}"#),
        ] {
            let registry = registry(platform(move |_| {
                let status = StatusCode::from_u16(status).unwrap();
                Some(HttpResponse::build(status).body(body))
            }));
            let asked = registry.look_up(&plate(), PlateColour::Blue).await;
            let error = asked.unwrap_err();
            assert!(!format!("{error:?} {:#}", error.0).contains("津A"));
        }
    }
}
