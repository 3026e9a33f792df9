//! One's own cases.

use actix_web::{
    get, post,
    web::{Data, Json},
};
use entity::values::{CaseId, PersonId};
use serde::Deserialize;
use utoipa::IntoParams;
use validator::Validate;

use super::super::progress::{
    self, CaseProgressDetailView, CaseProgressView, ResubmissionRequest, WithdrawalRequest,
};
use crate::{
    deps::Deps,
    http::{
        body::{Id, Params, Valid},
        idempotency::{Answer, IdempotencyKey, KeyHeader},
        page::{self, Page},
        problem::{Language, Problem, Problems},
    },
    identity::{Citizen, acting_for},
};

/// Whose cases, and which page.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CasesParams {
    /// Oneself, unless a dependant is named.
    person: Option<PersonId>,
    /// `next` of the page before; absent for the first.
    #[validate(length(min = 1, max = 64))]
    #[param(min_length = 1, max_length = 64)]
    after: Option<String>,
    /// Entries of a page, at the most.
    #[validate(range(min = 1, max = 100))]
    #[serde(default = "page::usual")]
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: u64,
}

/// List one's cases, newest first.
#[utoipa::path(
    tag = "cases",
    operation_id = "listCases",
    params(CasesParams),
    security(("session" = [])),
    responses(
        (status = 200, body = Page<CaseProgressView>, description = "A page of cases"),
        Problems,
    ),
)]
#[get("/cases")]
pub(super) async fn list(
    citizen: Citizen,
    deps: Data<Deps>,
    params: Params<CasesParams>,
    language: Language,
) -> Result<Json<Page<CaseProgressView>>, Problem> {
    let Params(params) = params;
    let person = params.person.unwrap_or(citizen.person);
    let subject = acting_for(&deps, &citizen, person).await?;
    let after = page::key(params.after.as_deref())?;
    Ok(Json(
        progress::list(&deps, subject, after, params.limit, language).await?,
    ))
}

/// See how far a case got.
///
/// Of oneself or a dependant: where it stands, since when and until when, who is responsible, what one has
/// to do, and what was done so far.
#[utoipa::path(
    tag = "cases",
    operation_id = "getCase",
    params(("case" = CaseId, Path, description = "Which")),
    security(("session" = [])),
    responses(
        (status = 200, body = CaseProgressDetailView, description = "How far it got"),
        Problems,
    ),
)]
#[get("/cases/{case}")]
pub(super) async fn find(
    citizen: Citizen,
    deps: Data<Deps>,
    case: Id<CaseId>,
    language: Language,
) -> Result<Json<CaseProgressDetailView>, Problem> {
    Ok(Json(
        progress::find(&deps, &citizen, case.0, language).await?,
    ))
}

/// Bring what one was asked for. The time of whoever asked goes on where it stood.
#[utoipa::path(
    tag = "cases",
    operation_id = "resubmitCase",
    params(("case" = CaseId, Path, description = "Which"), KeyHeader),
    request_body = ResubmissionRequest,
    security(("session" = [])),
    responses(
        (status = 200, body = CaseProgressDetailView, description = "Brought; how far it got"),
        Problems,
    ),
)]
#[post("/cases/{case}/resubmission")]
pub(super) async fn resubmit(
    citizen: Citizen,
    deps: Data<Deps>,
    case: Id<CaseId>,
    key: IdempotencyKey,
    body: Valid<ResubmissionRequest>,
    language: Language,
) -> Result<Answer, Problem> {
    Ok(progress::resubmit(&deps, &citizen, case.0, &key, body.0, language).await?)
}

/// Take a case back, where its stage lets one.
#[utoipa::path(
    tag = "cases",
    operation_id = "withdrawCase",
    params(("case" = CaseId, Path, description = "Which"), KeyHeader),
    request_body = WithdrawalRequest,
    security(("session" = [])),
    responses(
        (status = 200, body = CaseProgressDetailView, description = "Taken back"),
        Problems,
    ),
)]
#[post("/cases/{case}/withdrawal")]
pub(super) async fn take_back(
    citizen: Citizen,
    deps: Data<Deps>,
    case: Id<CaseId>,
    key: IdempotencyKey,
    body: Valid<WithdrawalRequest>,
    language: Language,
) -> Result<Answer, Problem> {
    Ok(progress::take_back(&deps, &citizen, case.0, &key, body.0, language).await?)
}
