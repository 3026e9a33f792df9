//! What auditors read of visits: that they were deleted.

use actix_web::{
    get,
    web::{Data, Json},
};
use chrono::NaiveDate;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{upkeep, views::DeletionView};
use crate::{
    deps::Deps,
    http::{
        body::Params,
        page::{self, Page, PageParams},
        problem::{Problem, Problems},
    },
    staff::Staff,
};

/// Mount the routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(deletions);
}

/// List the receipts of deleted visits, newest day first.
///
/// Visits are kept for the days that the deployment sets, three weeks as a rule, and go a day at a time.
/// Of each day there is a signed receipt: how many visits there were, when the first and the last one
/// was, and the root of a Merkle tree of all of them.
#[utoipa::path(
    tag = "visits",
    operation_id = "listVisitDeletions",
    params(PageParams),
    security(("staff" = [])),
    responses(
        (status = 200, body = Page<DeletionView>, description = "A page of receipts"),
        Problems,
    ),
)]
#[get("/staff/visit-deletions")]
async fn deletions(
    _staff: Staff,
    deps: Data<Deps>,
    page: Params<PageParams>,
) -> Result<Json<Page<DeletionView>>, Problem> {
    let before = page::key::<NaiveDate>(page.0.after.as_deref())?;
    Ok(Json(upkeep::deletions(&deps, before, page.0.limit).await?))
}
