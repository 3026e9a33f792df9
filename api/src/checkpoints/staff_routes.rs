//! Looking after posts and devices.

use actix_web::{
    HttpResponse, get, post, put,
    web::{Data, Json},
};
use entity::values::DeviceId;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    devices,
    views::{CheckpointRequest, CheckpointView, DeviceRequest, DeviceView, ExpectedDeviceView},
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
        .service(create_checkpoint)
        .service(list_checkpoints)
        .service(expect)
        .service(list_devices)
        .service(revoke);
}

/// Set up a post on the road.
#[utoipa::path(
    tag = "gates",
    operation_id = "createCheckpoint",
    params(KeyHeader),
    request_body = CheckpointRequest,
    security(("staff" = [])),
    responses(
        (status = 201, body = CheckpointView, description = "Set up"),
        Problems,
    ),
)]
#[post("/staff/checkpoints")]
async fn create_checkpoint(
    staff: Staff,
    deps: Data<Deps>,
    key: IdempotencyKey,
    body: Valid<CheckpointRequest>,
) -> Result<Answer, Problem> {
    Ok(devices::create_checkpoint(&deps, &staff, &key, body.0).await?)
}

/// List the posts of one's regions.
#[utoipa::path(
    tag = "gates",
    operation_id = "listCheckpoints",
    params(PageParams),
    security(("staff" = [])),
    responses(
        (status = 200, body = Page<CheckpointView>, description = "A page of posts"),
        Problems,
    ),
)]
#[get("/staff/checkpoints")]
async fn list_checkpoints(
    staff: Staff,
    deps: Data<Deps>,
    page: Params<PageParams>,
) -> Result<Json<Page<CheckpointView>>, Problem> {
    let after = page::key(page.0.after.as_deref())?;
    Ok(Json(
        devices::checkpoints(&deps, &staff, after, page.0.limit).await?,
    ))
}

/// Expect a device at the door of a venue or at a post, and get the code that enrols it.
#[utoipa::path(
    tag = "gates",
    operation_id = "expectDevice",
    params(KeyHeader),
    request_body = DeviceRequest,
    security(("staff" = [])),
    responses(
        (status = 201, body = ExpectedDeviceView, description = "Expected"),
        Problems,
    ),
)]
#[post("/staff/devices")]
async fn expect(
    staff: Staff,
    deps: Data<Deps>,
    key: IdempotencyKey,
    body: Valid<DeviceRequest>,
) -> Result<Answer, Problem> {
    Ok(devices::expect(&deps, &staff, &key, body.0).await?)
}

/// List the devices of one's regions, with when each was last heard of and what waits in it.
#[utoipa::path(
    tag = "gates",
    operation_id = "listDevices",
    params(PageParams),
    security(("staff" = [])),
    responses(
        (status = 200, body = Page<DeviceView>, description = "A page of devices"),
        Problems,
    ),
)]
#[get("/staff/devices")]
async fn list_devices(
    staff: Staff,
    deps: Data<Deps>,
    page: Params<PageParams>,
) -> Result<Json<Page<DeviceView>>, Problem> {
    let after = page::key(page.0.after.as_deref())?;
    Ok(Json(
        devices::devices(&deps, &staff, after, page.0.limit).await?,
    ))
}

/// Believe a device no more.
#[utoipa::path(
    tag = "gates",
    operation_id = "revokeDevice",
    params(("device" = DeviceId, Path, description = "Which")),
    security(("staff" = [])),
    responses(
        (status = 204, description = "Revoked"),
        Problems,
    ),
)]
#[put("/staff/devices/{device}/revocation")]
async fn revoke(
    staff: Staff,
    deps: Data<Deps>,
    device: Id<DeviceId>,
) -> Result<HttpResponse, Problem> {
    devices::revoke(&deps, &staff, device.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
