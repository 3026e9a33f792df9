//! Looking after the catalogue.

use actix_web::{
    get, put,
    web::{Data, Json},
};
use entity::values::SectionCode;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    catalogue,
    rules::SectionRequest,
    views::{SectionEndRequest, SectionHistoryView},
};
use crate::{
    deps::Deps,
    http::{
        body::{Id, Valid},
        problem::{Problem, Problems},
    },
    staff::Staff,
};

/// Mount the routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(decide).service(end).service(history);
}

/// Decide on a section of one's region: when it is restricted, for whom, and what leads around it, from
/// some day on. Nothing that was decided before is changed.
#[utoipa::path(
    tag = "roads",
    operation_id = "decideOnRoadSection",
    params(("code" = SectionCode, Path, description = "Which")),
    request_body = SectionRequest,
    security(("staff" = [])),
    responses(
        (status = 200, body = SectionHistoryView, description = "Decided"),
        Problems,
    ),
)]
#[put("/staff/road-sections/{code}")]
async fn decide(
    staff: Staff,
    deps: Data<Deps>,
    code: Id<SectionCode>,
    body: Valid<SectionRequest>,
) -> Result<Json<SectionHistoryView>, Problem> {
    Ok(Json(
        catalogue::decide(&deps, &staff, &code.0, body.0).await?,
    ))
}

/// Take a section of one's region out of the catalogue, from some day on.
#[utoipa::path(
    tag = "roads",
    operation_id = "endRoadSection",
    params(("code" = SectionCode, Path, description = "Which")),
    request_body = SectionEndRequest,
    security(("staff" = [])),
    responses(
        (status = 200, body = SectionHistoryView, description = "Decided"),
        Problems,
    ),
)]
#[put("/staff/road-sections/{code}/end")]
async fn end(
    staff: Staff,
    deps: Data<Deps>,
    code: Id<SectionCode>,
    body: Valid<SectionEndRequest>,
) -> Result<Json<SectionHistoryView>, Problem> {
    let day = body.0.valid_from;
    Ok(Json(catalogue::end(&deps, &staff, &code.0, day).await?))
}

/// Read everything that was decided of a section of one's region.
#[utoipa::path(
    tag = "roads",
    operation_id = "readRoadSectionHistory",
    params(("code" = SectionCode, Path, description = "Which")),
    security(("staff" = [])),
    responses(
        (status = 200, body = SectionHistoryView, description = "What was decided"),
        Problems,
    ),
)]
#[get("/staff/road-sections/{code}")]
async fn history(
    staff: Staff,
    deps: Data<Deps>,
    code: Id<SectionCode>,
) -> Result<Json<SectionHistoryView>, Problem> {
    Ok(Json(catalogue::history(&deps, &staff, &code.0).await?))
}
