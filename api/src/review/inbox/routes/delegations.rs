//! Standing in for each other.

use actix_web::{
    HttpResponse, delete, get, post,
    web::{Data, Json},
};
use entity::values::DelegationId;

use super::super::delegating::{self, DelegationRequest, DelegationView};
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

/// Have somebody decide in one's place for a time.
///
/// As what both are: the role that both hold, in the same province, for sixty days at the most. It ends at
/// once when either ends it, and does not hold while either is suspended or without the role.
#[utoipa::path(
    tag = "cases",
    operation_id = "makeDelegation",
    params(KeyHeader),
    request_body = DelegationRequest,
    security(("staff" = [])),
    responses(
        (status = 201, body = DelegationView, description = "Made"),
        Problems,
    ),
)]
#[post("/staff/review/delegations")]
pub(super) async fn make(
    staff: Staff,
    deps: Data<Deps>,
    key: IdempotencyKey,
    body: Valid<DelegationRequest>,
) -> Result<Answer, Problem> {
    Ok(delegating::make(&deps, &staff, &key, body.0).await?)
}

/// List who stands in for oneself, and for whom one does, the latest first.
#[utoipa::path(
    tag = "cases",
    operation_id = "listDelegations",
    params(PageParams),
    security(("staff" = [])),
    responses(
        (status = 200, body = Page<DelegationView>, description = "A page of delegations"),
        Problems,
    ),
)]
#[get("/staff/review/delegations")]
pub(super) async fn list(
    staff: Staff,
    deps: Data<Deps>,
    params: Params<PageParams>,
) -> Result<Json<Page<DelegationView>>, Problem> {
    let after = page::key(params.0.after.as_deref())?;
    Ok(Json(
        delegating::list(&deps, &staff, after, params.0.limit).await?,
    ))
}

/// End one's standing in, or somebody's for oneself, at once.
#[utoipa::path(
    tag = "cases",
    operation_id = "endDelegation",
    params(("delegation" = DelegationId, Path, description = "Which")),
    security(("staff" = [])),
    responses(
        (status = 204, description = "Ended"),
        Problems,
    ),
)]
#[delete("/staff/review/delegations/{delegation}")]
pub(super) async fn end(
    staff: Staff,
    deps: Data<Deps>,
    delegation: Id<DelegationId>,
) -> Result<HttpResponse, Problem> {
    delegating::end(&deps, &staff, delegation.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
