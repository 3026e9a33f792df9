//! Cases for members of staff.

use actix_web::{
    HttpResponse, delete, get, post, put,
    web::{Data, Json},
};
use entity::values::{CaseId, CaseSubject};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::super::{
    claiming,
    deciding::{self, DecisionResultsView},
    listing::{self, Asked},
    reading,
    requests::{ActionRequest, AssigneeRequest, ContactRequest, DecisionsRequest},
    rules::Lateness,
    store::cases::Taken,
    views::{
        ReviewBreachView, ReviewCaseView, ReviewContactView, ReviewCountsView, ReviewDossierView,
    },
};
use crate::{
    deps::Deps,
    http::{
        body::{Id, Params, Valid},
        idempotency::{Answer, IdempotencyKey, KeyHeader},
        page::{self, Page, PageParams},
        problem::{Language, Problem, Problems},
    },
    staff::Staff,
};

/// Whose cases of an inbox are wanted.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Assignment {
    /// Those that the caller took on.
    Mine,
    /// Those that nobody took on.
    Unassigned,
}

/// Which cases, and which page.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct InboxParams {
    /// What they are about. Absent: anything.
    subject: Option<CaseSubject>,
    /// Whose they are. Absent: anybody's.
    assignment: Option<Assignment>,
    /// How near their limit is. Absent: however near.
    lateness: Option<Lateness>,
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

/// List the cases that wait for one's decision, what runs out first first.
///
/// Of one's own areas and roles, and of those in whose place one decides. Cases without a limit come
/// last.
#[utoipa::path(
    tag = "cases",
    operation_id = "listCasesToDecide",
    params(InboxParams),
    security(("staff" = [])),
    responses(
        (status = 200, body = Page<ReviewCaseView>, description = "A page of cases"),
        Problems,
    ),
)]
#[get("/staff/review/cases")]
pub(super) async fn list(
    staff: Staff,
    deps: Data<Deps>,
    params: Params<InboxParams>,
    language: Language,
) -> Result<Json<Page<ReviewCaseView>>, Problem> {
    let Params(params) = params;
    let after = page::key(params.after.as_deref())?;
    let asked = Asked {
        subject: params.subject,
        taken: match params.assignment {
            None => Taken::ByAnyone,
            Some(Assignment::Mine) => Taken::By(staff.account),
            Some(Assignment::Unassigned) => Taken::ByNobody,
        },
        lateness: params.lateness,
    };
    Ok(Json(
        listing::list(&deps, &staff, asked, after, params.limit, language).await?,
    ))
}

/// Count the cases that wait for one's decision.
#[utoipa::path(
    tag = "cases",
    operation_id = "countCasesToDecide",
    security(("staff" = [])),
    responses(
        (status = 200, body = ReviewCountsView, description = "How much there is to do"),
        Problems,
    ),
)]
#[get("/staff/review/counts")]
pub(super) async fn count(
    staff: Staff,
    deps: Data<Deps>,
) -> Result<Json<ReviewCountsView>, Problem> {
    Ok(Json(listing::count(&deps, &staff).await?))
}

/// Read a case. That it was read is put on record.
///
/// Who decides it now may, and reviewers of the areas around it.
#[utoipa::path(
    tag = "cases",
    operation_id = "readCase",
    params(("case" = CaseId, Path, description = "Which")),
    security(("staff" = [])),
    responses(
        (status = 200, body = ReviewDossierView, description = "The case with all that was done"),
        Problems,
    ),
)]
#[get("/staff/review/cases/{case}")]
pub(super) async fn read(
    staff: Staff,
    deps: Data<Deps>,
    case: Id<CaseId>,
    language: Language,
) -> Result<Json<ReviewDossierView>, Problem> {
    Ok(Json(reading::read(&deps, &staff, case.0, language).await?))
}

/// Do something to a case.
///
/// What its stage lets one do, with the evidence that it takes. Whoever decides in somebody's place is on
/// record as doing so. Of two at once, one is told that the case was decided.
#[utoipa::path(
    tag = "cases",
    operation_id = "decideCase",
    params(("case" = CaseId, Path, description = "Which"), KeyHeader),
    request_body = ActionRequest,
    security(("staff" = [])),
    responses(
        (status = 200, body = ReviewCaseView, description = "Done; the case as it is now"),
        Problems,
    ),
)]
#[post("/staff/review/cases/{case}/actions")]
pub(super) async fn act(
    staff: Staff,
    deps: Data<Deps>,
    case: Id<CaseId>,
    key: IdempotencyKey,
    body: Valid<ActionRequest>,
    language: Language,
) -> Result<Answer, Problem> {
    Ok(deciding::decide(&deps, &staff, case.0, &key, body.0, language).await?)
}

/// Decide several cases, each on its own.
///
/// What cannot be done to one of them does not keep the others from being decided: each has its own
/// answer.
#[utoipa::path(
    tag = "cases",
    operation_id = "decideCases",
    params(KeyHeader),
    request_body = DecisionsRequest,
    security(("staff" = [])),
    responses(
        (status = 200, body = DecisionResultsView, description = "What came of each"),
        Problems,
    ),
)]
#[post("/staff/review/decisions")]
pub(super) async fn decide_several(
    staff: Staff,
    deps: Data<Deps>,
    key: IdempotencyKey,
    body: Valid<DecisionsRequest>,
    language: Language,
) -> Result<Json<DecisionResultsView>, Problem> {
    Ok(Json(
        deciding::decide_several(&deps, &staff, &key, body.0, language).await?,
    ))
}

/// Take a case on, so that nobody else decides it. Of several at once one gets it.
#[utoipa::path(
    tag = "cases",
    operation_id = "claimCase",
    params(("case" = CaseId, Path, description = "Which")),
    security(("staff" = [])),
    responses(
        (status = 200, body = ReviewCaseView, description = "It is the caller's"),
        Problems,
    ),
)]
#[put("/staff/review/cases/{case}/claim")]
pub(super) async fn claim(
    staff: Staff,
    deps: Data<Deps>,
    case: Id<CaseId>,
    language: Language,
) -> Result<Json<ReviewCaseView>, Problem> {
    Ok(Json(
        claiming::claim(&deps, &staff, case.0, language).await?,
    ))
}

/// Let go of a case that one took on.
#[utoipa::path(
    tag = "cases",
    operation_id = "releaseCase",
    params(("case" = CaseId, Path, description = "Which")),
    security(("staff" = [])),
    responses(
        (status = 204, description = "It is nobody's in particular"),
        Problems,
    ),
)]
#[delete("/staff/review/cases/{case}/claim")]
pub(super) async fn release(
    staff: Staff,
    deps: Data<Deps>,
    case: Id<CaseId>,
) -> Result<HttpResponse, Problem> {
    claiming::release(&deps, &staff, case.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Give a case of one's area to somebody who can decide it, or to nobody in particular.
#[utoipa::path(
    tag = "cases",
    operation_id = "assignCase",
    params(("case" = CaseId, Path, description = "Which")),
    request_body = AssigneeRequest,
    security(("staff" = [])),
    responses(
        (status = 200, body = ReviewCaseView, description = "Given"),
        Problems,
    ),
)]
#[put("/staff/review/cases/{case}/assignee")]
pub(super) async fn assign(
    staff: Staff,
    deps: Data<Deps>,
    case: Id<CaseId>,
    body: Valid<AssigneeRequest>,
    language: Language,
) -> Result<Json<ReviewCaseView>, Problem> {
    let to = body.0.account_id;
    Ok(Json(
        claiming::assign(&deps, &staff, case.0, to, language).await?,
    ))
}

/// Put on record that one tried to reach the applicant.
#[utoipa::path(
    tag = "cases",
    operation_id = "recordContact",
    params(("case" = CaseId, Path, description = "Which"), KeyHeader),
    request_body = ContactRequest,
    security(("staff" = [])),
    responses(
        (status = 201, body = ReviewContactView, description = "On record"),
        Problems,
    ),
)]
#[post("/staff/review/cases/{case}/contacts")]
pub(super) async fn contact(
    staff: Staff,
    deps: Data<Deps>,
    case: Id<CaseId>,
    key: IdempotencyKey,
    body: Valid<ContactRequest>,
) -> Result<Answer, Problem> {
    Ok(reading::contact(&deps, &staff, case.0, &key, body.0).await?)
}

/// List the limits that were reached without an opinion in one's areas, the latest first.
#[utoipa::path(
    tag = "cases",
    operation_id = "listBreaches",
    params(PageParams),
    security(("staff" = [])),
    responses(
        (status = 200, body = Page<ReviewBreachView>, description = "A page of breaches"),
        Problems,
    ),
)]
#[get("/staff/review/breaches")]
pub(super) async fn list_breaches(
    staff: Staff,
    deps: Data<Deps>,
    params: Params<PageParams>,
    language: Language,
) -> Result<Json<Page<ReviewBreachView>>, Problem> {
    let after = page::key(params.0.after.as_deref())?;
    Ok(Json(
        listing::broken(&deps, &staff, after, params.0.limit, language).await?,
    ))
}
