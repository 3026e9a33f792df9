//! What staff record, and the places with a level for everybody to see.

use actix_web::{
    get, post,
    web::{Data, Json},
};
use entity::values::{Division, FactId, RiskAreaId};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use validator::Validate;

use super::{
    areas, entering,
    requests::{AreaRequest, FactRequest, SourceRequest, TestRequest, WithdrawalRequest},
    views::{AreaView, FactView, SourceView, TestView},
};
use crate::{
    deps::Deps,
    http::{
        body::{Id, Params, Valid},
        idempotency::{Answer, IdempotencyKey, KeyHeader},
        page::Page,
        problem::{FieldFault, INVALID_REQUEST, Problem, Problems, Text},
    },
    staff::Staff,
};

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(list_areas)
        .service(record_test)
        .service(record_fact)
        .service(get_fact)
        .service(withdraw_fact)
        .service(record_area)
        .service(lift_area)
        .service(register_source)
        .service(approve_source)
        .service(revoke_source);
}

/// Record a report on a sample.
///
/// Of somebody who lives within one's region. The same report again changes nothing. A later report
/// on the same sample takes the place of an earlier one, and of several samples the one taken last
/// counts. A positive mixed tube makes those who share it wait for a single re-test.
#[utoipa::path(
    tag = "facts",
    operation_id = "recordTest",
    params(KeyHeader),
    request_body = TestRequest,
    security(("staff" = [])),
    responses(
        (status = 201, body = TestView, description = "Recorded"),
        (status = 200, body = TestView, description = "Was recorded already"),
        Problems,
    ),
)]
#[post("/staff/tests")]
async fn record_test(
    staff: Staff,
    deps: Data<Deps>,
    key: IdempotencyKey,
    body: Valid<TestRequest>,
) -> Result<Answer, Problem> {
    Ok(entering::test(&deps, &staff, &key, body.0).await?)
}

/// Record a fact about somebody.
///
/// Of somebody who lives within one's region, whose data it then is. What the region calls by the same
/// `source_ref` again changes nothing; if it says something else it is refused.
#[utoipa::path(
    tag = "facts",
    operation_id = "recordFact",
    params(KeyHeader),
    request_body = FactRequest,
    security(("staff" = [])),
    responses(
        (status = 201, body = FactView, description = "Recorded"),
        (status = 200, body = FactView, description = "Was recorded already"),
        Problems,
    ),
)]
#[post("/staff/facts")]
async fn record_fact(
    staff: Staff,
    deps: Data<Deps>,
    key: IdempotencyKey,
    body: Valid<FactRequest>,
) -> Result<Answer, Problem> {
    Ok(entering::fact(&deps, &staff, &key, body.0).await?)
}

/// Read a fact.
#[utoipa::path(
    tag = "facts",
    operation_id = "getFact",
    params(("id" = FactId, Path, description = "Which")),
    security(("staff" = [])),
    responses(
        (status = 200, body = FactView, description = "The fact"),
        Problems,
    ),
)]
#[get("/staff/facts/{id}")]
async fn get_fact(
    staff: Staff,
    deps: Data<Deps>,
    id: Id<FactId>,
) -> Result<Json<FactView>, Problem> {
    Ok(Json(entering::read_fact(&deps, &staff, id.0).await?))
}

/// Withdraw a fact.
///
/// Only the region that it comes from may. The fact stays on record, and what it did until now is not
/// undone.
#[utoipa::path(
    tag = "facts",
    operation_id = "withdrawFact",
    params(("id" = FactId, Path, description = "Which"), KeyHeader),
    request_body = WithdrawalRequest,
    security(("staff" = [])),
    responses(
        (status = 201, body = FactView, description = "Withdrawn"),
        Problems,
    ),
)]
#[post("/staff/facts/{id}/withdrawal")]
async fn withdraw_fact(
    staff: Staff,
    deps: Data<Deps>,
    id: Id<FactId>,
    key: IdempotencyKey,
    body: Valid<WithdrawalRequest>,
) -> Result<Answer, Problem> {
    Ok(entering::withdraw(&deps, &staff, id.0, &key, body.0).await?)
}

/// Say that a place has a level.
///
/// A place within one's region. Everybody who declared to have stayed there since then is looked at
/// soon.
#[utoipa::path(
    tag = "facts",
    operation_id = "recordRiskArea",
    params(KeyHeader),
    request_body = AreaRequest,
    security(("staff" = [])),
    responses(
        (status = 201, body = AreaView, description = "Recorded"),
        Problems,
    ),
)]
#[post("/staff/risk-areas")]
async fn record_area(
    staff: Staff,
    deps: Data<Deps>,
    key: IdempotencyKey,
    body: Valid<AreaRequest>,
) -> Result<Answer, Problem> {
    Ok(entering::area(&deps, &staff, &key, body.0).await?)
}

/// Lift a place's level, now.
#[utoipa::path(
    tag = "facts",
    operation_id = "liftRiskArea",
    params(("id" = RiskAreaId, Path, description = "Which"), KeyHeader),
    security(("staff" = [])),
    responses(
        (status = 201, body = AreaView, description = "Lifted"),
        Problems,
    ),
)]
#[post("/staff/risk-areas/{id}/lifting")]
async fn lift_area(
    staff: Staff,
    deps: Data<Deps>,
    id: Id<RiskAreaId>,
    key: IdempotencyKey,
) -> Result<Answer, Problem> {
    Ok(entering::lift(&deps, &staff, id.0, &key).await?)
}

/// Have somebody be known who is to bring files of facts. What they sign counts once somebody else approves.
#[utoipa::path(
    tag = "facts",
    operation_id = "registerFactSource",
    params(KeyHeader),
    request_body = SourceRequest,
    security(("staff" = [])),
    responses(
        (status = 201, body = SourceView, description = "Registered"),
        Problems,
    ),
)]
#[post("/staff/fact-sources")]
async fn register_source(
    staff: Staff,
    deps: Data<Deps>,
    key: IdempotencyKey,
    body: Valid<SourceRequest>,
) -> Result<Answer, Problem> {
    Ok(entering::source(&deps, &staff, &key, body.0).await?)
}

/// Let a source that somebody else registered bring files of facts. Doing so again changes nothing.
#[utoipa::path(
    tag = "facts",
    operation_id = "approveFactSource",
    params(("id" = String, Path, description = "Its short name"), KeyHeader),
    security(("staff" = [])),
    responses(
        (status = 200, body = SourceView, description = "Approved"),
        Problems,
    ),
)]
#[post("/staff/fact-sources/{id}/approval")]
async fn approve_source(
    staff: Staff,
    deps: Data<Deps>,
    id: Id<String>,
    key: IdempotencyKey,
) -> Result<Answer, Problem> {
    Ok(entering::approve(&deps, &staff, &id.0, &key).await?)
}

/// Let a source bring nothing more. What it brought stays. Doing so again changes nothing.
#[utoipa::path(
    tag = "facts",
    operation_id = "revokeFactSource",
    params(("id" = String, Path, description = "Its short name"), KeyHeader),
    security(("staff" = [])),
    responses(
        (status = 200, body = SourceView, description = "Revoked"),
        Problems,
    ),
)]
#[post("/staff/fact-sources/{id}/revocation")]
async fn revoke_source(
    staff: Staff,
    deps: Data<Deps>,
    id: Id<String>,
    key: IdempotencyKey,
) -> Result<Answer, Problem> {
    Ok(entering::revoke(&deps, &staff, &id.0, &key).await?)
}

/// Which places, and which page of them.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AreaParams {
    /// Those that lie in this one or around it; all if it is left out.
    #[param(nullable = false)]
    division: Option<Division>,
    /// `next` of the page before; absent for the first.
    #[validate(length(min = 1, max = 64))]
    #[param(min_length = 1, max_length = 64, nullable = false)]
    after: Option<String>,
    /// Entries of a page, at the most.
    #[validate(range(min = 1, max = 100))]
    #[serde(default = "usual")]
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: u64,
}

const fn usual() -> u64 {
    20
}

/// List the places that have a level now, by division.
#[utoipa::path(
    tag = "facts",
    operation_id = "listRiskAreas",
    params(AreaParams),
    responses(
        (status = 200, body = Page<AreaView>, description = "A page of places"),
        Problems,
    ),
)]
#[get("/risk-areas")]
async fn list_areas(
    deps: Data<Deps>,
    params: Params<AreaParams>,
) -> Result<Json<Page<AreaView>>, Problem> {
    let AreaParams {
        division,
        after,
        limit,
    } = params.0;
    let after = after.as_deref().map(page_key).transpose()?;
    let areas = areas::current(&deps, division.as_ref(), after.as_ref(), limit + 1).await?;
    let views = areas.into_iter().map(AreaView::from).collect();
    Ok(Json(Page::cut(views, limit, |last: &AreaView| {
        format!("{}.{}", last.division.code(), last.id)
    })))
}

/// Where the page after an area begins.
fn page_key(after: &str) -> Result<(Division, RiskAreaId), Problem> {
    let read = after.split_once('.').and_then(|(division, id)| {
        let division = Division::try_from(division.to_owned()).ok()?;
        Some((division, RiskAreaId(Uuid::parse_str(id).ok()?)))
    });
    read.ok_or_else(|| {
        let message = Text::new("不是上一页给出的 next", "is not the `next` of a page");
        Problem::field(INVALID_REQUEST, FieldFault::new("after", "cursor", message))
    })
}
