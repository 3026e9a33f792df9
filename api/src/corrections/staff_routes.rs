//! Corrections for reviewers.

use actix_web::{
    get, post,
    web::{Data, Json},
};
use entity::values::CorrectionId;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    deciding,
    views::{CaseView, CorrectionView, DecisionRequest, WaitingView},
};
use crate::{
    deps::Deps,
    http::{
        body::{Id, Params, Valid},
        idempotency::{Answer, IdempotencyKey, KeyHeader},
        page::{self, Page, PageParams},
        problem::{Problem, Problems},
    },
    staff::Staff,
};

/// Mount the routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list).service(read).service(decide);
}

/// List the corrections that wait, what is due first first.
///
/// Of people who live in one's region, and of records that are one's region's data.
#[utoipa::path(
    tag = "corrections",
    operation_id = "listWaitingCorrections",
    params(PageParams),
    security(("staff" = [])),
    responses(
        (status = 200, body = Page<WaitingView>, description = "A page of corrections"),
        Problems,
    ),
)]
#[get("/staff/corrections")]
async fn list(
    staff: Staff,
    deps: Data<Deps>,
    page: Params<PageParams>,
) -> Result<Json<Page<WaitingView>>, Problem> {
    let after = page::key(page.0.after.as_deref())?;
    Ok(Json(
        deciding::list(&deps, &staff.scope, after, page.0.limit).await?,
    ))
}

/// Read a correction with the person's words. That it was read is put on record.
#[utoipa::path(
    tag = "corrections",
    operation_id = "readCorrectionCase",
    params(("correction" = CorrectionId, Path, description = "Which")),
    security(("staff" = [])),
    responses(
        (status = 200, body = CaseView, description = "As it stands, with the record"),
        Problems,
    ),
)]
#[get("/staff/corrections/{correction}")]
async fn read(
    staff: Staff,
    deps: Data<Deps>,
    correction: Id<CorrectionId>,
) -> Result<Json<CaseView>, Problem> {
    Ok(Json(deciding::read(&deps, &staff, correction.0).await?))
}

/// Decide on a correction.
///
/// Upheld, the record is taken back at once and the colour follows from what is left. Whoever does not
/// act for the region whose data the record is can refuse it as `origin_decides` and nothing else.
#[utoipa::path(
    tag = "corrections",
    operation_id = "decideCorrection",
    params(
        ("correction" = CorrectionId, Path, description = "Which"),
        KeyHeader,
    ),
    request_body = DecisionRequest,
    security(("staff" = [])),
    responses(
        (status = 200, body = CorrectionView, description = "Decided"),
        Problems,
    ),
)]
#[post("/staff/corrections/{correction}/decision")]
async fn decide(
    staff: Staff,
    deps: Data<Deps>,
    correction: Id<CorrectionId>,
    key: IdempotencyKey,
    body: Valid<DecisionRequest>,
) -> Result<Answer, Problem> {
    Ok(deciding::decide(&deps, &staff, correction.0, &key, body.0).await?)
}
