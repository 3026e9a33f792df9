//! Visits of citizens.

use actix_web::{
    HttpResponse, get,
    http::header::{CONTENT_LANGUAGE, HeaderValue},
    post,
    web::{Data, Json},
};
use entity::values::{PersonId, VenueId};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

use super::{
    error::{Error, FULL, SOON},
    leaving, look_ups, scanning, staff_routes, unit_routes,
    views::{LookUpsView, VisitView},
};
use crate::{
    deps::Deps,
    http::{
        body::{Id, Valid},
        problem::{Language, Problem, Problems},
    },
    identity::{Citizen, acting_for},
};

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(visit).service(depart).service(look_ups_of);
    unit_routes::configure(config);
    staff_routes::configure(config);
}

/// A scan.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ScanRequest {
    /// The text of the code on the door, as the camera read it.
    #[validate(length(min = 1, max = 256))]
    #[schema(min_length = 1, max_length = 256)]
    code: String,
    /// One's dependants who came along.
    #[serde(default)]
    #[validate(length(max = 10))]
    #[schema(max_items = 10)]
    companions: Vec<PersonId>,
}

/// Register a visit by the code on the door.
///
/// Of oneself and of dependants who came along. It is on record once this answers. Whoever scans again
/// within the window of the deployment, ten minutes as a rule, is there still: the answer says since when,
/// and nothing is added. So it takes no `Idempotency-Key`, and to ask again does no harm.
///
/// A code of a screen is good for half a minute. When more people register than can be written down, the
/// answer is `visits-too-many` at once, with `Retry-After`, and nothing was written.
#[utoipa::path(
    tag = "visits",
    operation_id = "registerVisit",
    request_body = ScanRequest,
    security(("session" = [])),
    responses(
        (status = 200, body = VisitView, description = "On record"),
        Problems,
    ),
)]
#[post("/visits")]
async fn visit(
    citizen: Citizen,
    deps: Data<Deps>,
    body: Valid<ScanRequest>,
    language: Language,
) -> Result<HttpResponse, Problem> {
    register(&deps, &citizen, body.0, language).await
}

/// What is answered to `citizen` who scanned a code.
pub(super) async fn register(
    deps: &Deps,
    citizen: &Citizen,
    asked: ScanRequest,
    language: Language,
) -> Result<HttpResponse, Problem> {
    let ScanRequest { code, companions } = asked;
    let scanned = scanning::scan(deps, citizen, &code, &companions, language).await;
    let scanned = scanned.map_err(refusal)?;
    let language = HeaderValue::from_static(language.tag());
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_LANGUAGE, language))
        .json(scanned))
}

/// An end.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct DepartureRequest {
    /// Which venue.
    venue: VenueId,
    /// One's dependants who left, too.
    #[serde(default)]
    #[validate(length(max = 10))]
    #[schema(max_items = 10)]
    companions: Vec<PersonId>,
}

/// Say that one has left a venue.
///
/// Ends one's last visit there of the last 24 hours, and those of dependants who left, too. Where nobody
/// says so, people are taken to have stayed as long as is usual in a venue of its kind. A visit that ended
/// keeps its end, so this takes no `Idempotency-Key`.
#[utoipa::path(
    tag = "visits",
    operation_id = "leaveVenue",
    request_body = DepartureRequest,
    security(("session" = [])),
    responses(
        (status = 204, description = "They have left"),
        Problems,
    ),
)]
#[post("/visits/departures")]
async fn depart(
    citizen: Citizen,
    deps: Data<Deps>,
    body: Valid<DepartureRequest>,
) -> Result<HttpResponse, Problem> {
    leaving::leave(&deps, &citizen, body.0.venue, &body.0.companions).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// See where one, or somebody one acts for, was looked up by the staff of a venue.
///
/// They write down by hand whoever has no phone with them, by a document that lies before them or by a phone
/// number that somebody says. Kept for as long as visits are.
#[utoipa::path(
    tag = "visits",
    operation_id = "listVisitorLookUps",
    params(("person" = PersonId, Path, description = "Oneself, or somebody one acts for")),
    security(("session" = [])),
    responses(
        (status = 200, body = LookUpsView, description = "The newest first"),
        Problems,
    ),
)]
#[get("/people/{person}/look-ups")]
async fn look_ups_of(
    citizen: Citizen,
    deps: Data<Deps>,
    person: Id<PersonId>,
) -> Result<Json<LookUpsView>, Problem> {
    let subject = acting_for(&deps, &citizen, person.0).await?;
    let items = look_ups::of_person(&deps, subject.person)
        .await
        .map_err(refusal)?;
    Ok(Json(LookUpsView { items }))
}

/// A full queue is no failure: it is not reported one by one.
pub(super) fn refusal(error: Error) -> Problem {
    match error {
        Error::Full => Problem {
            retry_after: Some(SOON),
            ..Problem::new(FULL)
        },
        other => other.into(),
    }
}
