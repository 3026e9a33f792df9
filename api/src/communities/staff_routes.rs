//! Looking after the directory, duty, and what lacks.

use std::str::FromStr;

use actix_web::{
    HttpResponse, delete, get, post, put,
    web::{Data, Json},
};
use entity::values::{Community, Division, DivisionError};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    coverage, directory, duty,
    error::Error,
    routes::After,
    views::{
        CommunityRequest, CommunityView, CountiesView, CoverageParams, CoverageView, DutyRequest,
        DutyView, GapView, LineRequest, LineView, RosterView,
    },
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
    config
        .service(save)
        .service(close)
        .service(reopen)
        .service(save_line)
        .service(sign_in)
        .service(roster)
        .service(communities)
        .service(counties)
        .service(gaps);
}

/// Publish a community of one's region, in place of what was published of it.
#[utoipa::path(
    tag = "communities",
    operation_id = "saveCommunity",
    params(("code" = Community, Path, description = "Which")),
    request_body = CommunityRequest,
    security(("staff" = [])),
    responses(
        (status = 200, body = CommunityView, description = "Published"),
        Problems,
    ),
)]
#[put("/staff/communities/{code}")]
async fn save(
    staff: Staff,
    deps: Data<Deps>,
    code: Id<Community>,
    body: Valid<CommunityRequest>,
) -> Result<Json<CommunityView>, Problem> {
    let office = body.0.office().map_err(Error::Unfit)?;
    Ok(Json(directory::save(&deps, &staff, &code.0, office).await?))
}

/// Close a community of one's region: nobody applies there any more.
///
/// A community with cases that are not decided stays open (`community-has-open-cases`).
#[utoipa::path(
    tag = "communities",
    operation_id = "closeCommunity",
    params(("code" = Community, Path, description = "Which")),
    security(("staff" = [])),
    responses(
        (status = 204, description = "Closed"),
        Problems,
    ),
)]
#[put("/staff/communities/{code}/closure")]
async fn close(
    staff: Staff,
    deps: Data<Deps>,
    code: Id<Community>,
) -> Result<HttpResponse, Problem> {
    directory::close(&deps, &staff, &code.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Open a closed community of one's region again.
#[utoipa::path(
    tag = "communities",
    operation_id = "reopenCommunity",
    params(("code" = Community, Path, description = "Which")),
    security(("staff" = [])),
    responses(
        (status = 204, description = "Open"),
        Problems,
    ),
)]
#[delete("/staff/communities/{code}/closure")]
async fn reopen(
    staff: Staff,
    deps: Data<Deps>,
    code: Id<Community>,
) -> Result<HttpResponse, Problem> {
    directory::reopen(&deps, &staff, &code.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Publish where people complain of what is done in a division of one's region.
#[utoipa::path(
    tag = "communities",
    operation_id = "saveComplaintLine",
    params(("division" = Division, Path, description = "Whose line: a county's, a prefecture's or the province's")),
    request_body = LineRequest,
    security(("staff" = [])),
    responses(
        (status = 200, body = LineView, description = "Published"),
        Problems,
    ),
)]
#[put("/staff/complaint-lines/{division}")]
async fn save_line(
    staff: Staff,
    deps: Data<Deps>,
    division: Id<Division>,
    body: Valid<LineRequest>,
) -> Result<Json<LineView>, Problem> {
    let line = body.0.line().map_err(Error::Unfit)?;
    Ok(Json(
        directory::save_line(&deps, &staff, &division.0, line).await?,
    ))
}

/// Sign in for a community for today. Signing in again finds the first time.
#[utoipa::path(
    tag = "communities",
    operation_id = "signInForDuty",
    params(KeyHeader),
    request_body = DutyRequest,
    security(("staff" = [])),
    responses(
        (status = 201, body = DutyView, description = "Signed in"),
        (status = 200, body = DutyView, description = "Signed in before, today"),
        Problems,
    ),
)]
#[post("/staff/duty")]
async fn sign_in(
    staff: Staff,
    deps: Data<Deps>,
    key: IdempotencyKey,
    body: Valid<DutyRequest>,
) -> Result<Answer, Problem> {
    Ok(duty::sign_in(&deps, &staff, &key, body.0.community).await?)
}

/// Read who signed in today for communities of one's area.
#[utoipa::path(
    tag = "communities",
    operation_id = "readDutyRoster",
    params(PageParams),
    security(("staff" = [])),
    responses(
        (status = 200, body = RosterView, description = "A page of the roster"),
        Problems,
    ),
)]
#[get("/staff/duty")]
async fn roster(
    staff: Staff,
    deps: Data<Deps>,
    page: Params<PageParams>,
) -> Result<Json<RosterView>, Problem> {
    let after = page::key(page.0.after.as_deref())?;
    Ok(Json(
        duty::roster(&deps, &staff, after, page.0.limit).await?,
    ))
}

/// Read who is named for each community of one's region, and who signed in today.
#[utoipa::path(
    tag = "communities",
    operation_id = "readCoverage",
    params(CoverageParams),
    security(("staff" = [])),
    responses(
        (status = 200, body = CoverageView, description = "A page of communities"),
        Problems,
    ),
)]
#[get("/staff/coverage")]
async fn communities(
    staff: Staff,
    deps: Data<Deps>,
    params: Params<CoverageParams>,
) -> Result<Json<CoverageView>, Problem> {
    let params = params.0;
    let after = page::key::<After>(params.after.as_deref())?.map(|after| after.0);
    let division = params.division.as_ref();
    let view =
        coverage::communities(&deps, &staff.scope, division, after.as_ref(), params.limit).await?;
    Ok(Json(view))
}

/// Where a page of counties begins: after this one.
struct AfterCounty(Division);

impl FromStr for AfterCounty {
    type Err = DivisionError;

    fn from_str(key: &str) -> Result<Self, DivisionError> {
        Division::try_from(key.to_owned()).map(Self)
    }
}

/// Read how many communities of each county of one's region lack somebody.
#[utoipa::path(
    tag = "communities",
    operation_id = "readCoverageOfCounties",
    params(PageParams),
    security(("staff" = [])),
    responses(
        (status = 200, body = CountiesView, description = "A page of counties"),
        Problems,
    ),
)]
#[get("/staff/coverage/counties")]
async fn counties(
    staff: Staff,
    deps: Data<Deps>,
    page: Params<PageParams>,
) -> Result<Json<CountiesView>, Problem> {
    let after = page::key::<AfterCounty>(page.0.after.as_deref())?.map(|after| after.0);
    let view = coverage::counties(&deps, &staff.scope, after.as_ref(), page.0.limit).await?;
    Ok(Json(view))
}

/// List the communities of one's region for which nobody had signed in when it was time, the last day
/// first. What is listed stays, whatever came later.
#[utoipa::path(
    tag = "communities",
    operation_id = "listCoverageGaps",
    params(PageParams),
    security(("staff" = [])),
    responses(
        (status = 200, body = Page<GapView>, description = "A page of what was noted"),
        Problems,
    ),
)]
#[get("/staff/coverage/gaps")]
async fn gaps(
    staff: Staff,
    deps: Data<Deps>,
    page: Params<PageParams>,
) -> Result<Json<Page<GapView>>, Problem> {
    let after = page::key(page.0.after.as_deref())?;
    Ok(Json(
        coverage::gaps(&deps, &staff.scope, after, page.0.limit).await?,
    ))
}
