//! Reading what was found.

use actix_web::{
    get,
    web::{Data, Json},
};
use entity::values::ReconciliationId;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::views::{FindingView, ReconciliationView};
use crate::{
    credentials::{self, FindingKey},
    deps::Deps,
    http::{
        body::{Id, Params},
        page::{self, Page, PageParams},
        problem::{NOT_FOUND, Problem, Problems},
    },
    staff::Staff,
};

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(reconciliations).service(findings);
}

/// The comparisons that are kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reconciliations)]
struct ReconciliationsView {
    /// The latest first.
    items: Vec<ReconciliationView>,
}

/// List the comparisons of every permit with its record: one a day, of the last weeks.
#[utoipa::path(
    tag = "reconciliations",
    operation_id = "listReconciliations",
    security(("staff" = [])),
    responses(
        (status = 200, body = ReconciliationsView, description = "The comparisons"),
        Problems,
    ),
)]
#[get("/staff/reconciliations")]
async fn reconciliations(
    _staff: Staff,
    deps: Data<Deps>,
) -> Result<Json<ReconciliationsView>, Problem> {
    let items = credentials::reconciliations(&deps).await?;
    let items = items.into_iter().map(Into::into).collect();
    Ok(Json(ReconciliationsView { items }))
}

/// List what a comparison found: permits that are not what their records say.
#[utoipa::path(
    tag = "reconciliations",
    operation_id = "listReconciliationFindings",
    params(("reconciliation" = ReconciliationId, Path, description = "Which"), PageParams),
    security(("staff" = [])),
    responses(
        (status = 200, body = Page<FindingView>, description = "A page of findings"),
        Problems,
    ),
)]
#[get("/staff/reconciliations/{reconciliation}/findings")]
async fn findings(
    _staff: Staff,
    deps: Data<Deps>,
    id: Id<ReconciliationId>,
    page: Params<PageParams>,
) -> Result<Json<Page<FindingView>>, Problem> {
    let after = page::key(page.0.after.as_deref())?;
    let limit = page.0.limit;
    let found = credentials::findings(&deps, id.0, after, limit + 1).await?;
    let found = found.ok_or_else(|| Problem::new(NOT_FOUND))?;
    let page = Page::cut(found, limit, |last| {
        let (record, fault) = (last.record, last.fault);
        FindingKey { record, fault }.to_string()
    });
    Ok(Json(page.map(FindingView::from)))
}
