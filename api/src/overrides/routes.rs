//! Decisions on colours, for those who ask and those who approve.

use actix_web::{
    get, post,
    web::{Data, Json},
};
use entity::values::OverrideId;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    deciding, reading, requesting,
    views::{
        ListParams, OverrideCaseView, OverrideRequest, OverrideView, RefusalRequest,
        WithdrawalRequest,
    },
};
use crate::{
    deps::Deps,
    http::{
        body::{Id, Params, Valid},
        idempotency::{Answer, IdempotencyKey, KeyHeader},
        page::{self, Page},
        problem::{Problem, Problems},
    },
    staff::Staff,
};

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(ask)
        .service(list)
        .service(read)
        .service(approve)
        .service(refuse)
        .service(withdraw);
}

/// Ask that the colours of some people be turned.
///
/// Fifty at the most, who live in one region of one's own, each by health evidence that is on record about
/// that same person. Nothing follows before two others approve it, one of them at least of another unit;
/// what is not approved within 24 hours ends undone.
#[utoipa::path(
    tag = "overrides",
    operation_id = "requestOverride",
    params(KeyHeader),
    request_body = OverrideRequest,
    security(("staff" = [])),
    responses(
        (status = 201, body = OverrideView, description = "It waits for two approvals"),
        Problems,
    ),
)]
#[post("/staff/overrides")]
async fn ask(
    staff: Staff,
    deps: Data<Deps>,
    key: IdempotencyKey,
    body: Valid<OverrideRequest>,
) -> Result<Answer, Problem> {
    Ok(requesting::ask(&deps, &staff, &key, body.0).await?)
}

/// List the requests of one's region, the newest first.
#[utoipa::path(
    tag = "overrides",
    operation_id = "listOverrides",
    params(ListParams),
    security(("staff" = [])),
    responses(
        (status = 200, body = Page<OverrideView>, description = "A page of requests"),
        Problems,
    ),
)]
#[get("/staff/overrides")]
async fn list(
    staff: Staff,
    deps: Data<Deps>,
    params: Params<ListParams>,
) -> Result<Json<Page<OverrideView>>, Problem> {
    let ListParams {
        state,
        after,
        limit,
    } = params.0;
    let after = page::key(after.as_deref())?;
    let page = reading::list(&deps, &staff.scope, state, after, limit).await?;
    Ok(Json(page))
}

/// Read a request with whom it names, masked. That it was read is put on record.
#[utoipa::path(
    tag = "overrides",
    operation_id = "readOverride",
    params(("override" = OverrideId, Path, description = "Which")),
    security(("staff" = [])),
    responses(
        (status = 200, body = OverrideCaseView, description = "As it stands"),
        Problems,
    ),
)]
#[get("/staff/overrides/{override}")]
async fn read(
    staff: Staff,
    deps: Data<Deps>,
    request: Id<OverrideId>,
) -> Result<Json<OverrideCaseView>, Problem> {
    Ok(Json(reading::read(&deps, &staff, request.0).await?))
}

/// Approve a request.
///
/// By two people, neither of them whoever asked, nor here by what whoever asked did or the other way round,
/// and one of them at least of another unit. The second approval gives it its effect: a fact about each
/// person, from which the policy's rules open or release causes.
#[utoipa::path(
    tag = "overrides",
    operation_id = "approveOverride",
    params(("override" = OverrideId, Path, description = "Which"), KeyHeader),
    security(("staff" = [])),
    responses(
        (status = 200, body = OverrideView, description = "It waits for another approval, or is applied"),
        Problems,
    ),
)]
#[post("/staff/overrides/{override}/approvals")]
async fn approve(
    staff: Staff,
    deps: Data<Deps>,
    request: Id<OverrideId>,
    key: IdempotencyKey,
) -> Result<Answer, Problem> {
    Ok(deciding::approve(&deps, &staff, request.0, &key).await?)
}

/// Refuse a request, which ends it.
#[utoipa::path(
    tag = "overrides",
    operation_id = "refuseOverride",
    params(("override" = OverrideId, Path, description = "Which"), KeyHeader),
    request_body = RefusalRequest,
    security(("staff" = [])),
    responses(
        (status = 200, body = OverrideView, description = "Refused"),
        Problems,
    ),
)]
#[post("/staff/overrides/{override}/refusal")]
async fn refuse(
    staff: Staff,
    deps: Data<Deps>,
    request: Id<OverrideId>,
    key: IdempotencyKey,
    body: Valid<RefusalRequest>,
) -> Result<Answer, Problem> {
    Ok(deciding::refuse(&deps, &staff, request.0, &key, body.0).await?)
}

/// Take back a request of one's own that waits, or a worse colour that was applied.
///
/// One person is enough to lift a worse colour, since that never makes one worse. A release that was applied
/// stands.
#[utoipa::path(
    tag = "overrides",
    operation_id = "withdrawOverride",
    params(("override" = OverrideId, Path, description = "Which"), KeyHeader),
    request_body = WithdrawalRequest,
    security(("staff" = [])),
    responses(
        (status = 200, body = OverrideView, description = "Taken back"),
        Problems,
    ),
)]
#[post("/staff/overrides/{override}/withdrawal")]
async fn withdraw(
    staff: Staff,
    deps: Data<Deps>,
    request: Id<OverrideId>,
    key: IdempotencyKey,
    body: Valid<WithdrawalRequest>,
) -> Result<Answer, Problem> {
    Ok(deciding::withdraw(&deps, &staff, request.0, &key, body.0).await?)
}
