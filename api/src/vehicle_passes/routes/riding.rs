//! Whom somebody asked aboard: agree, refuse, leave.

use actix_web::{
    get, post,
    web::{Data, Json},
};
use entity::values::AboardId;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    deps::Deps,
    http::{
        body::Id,
        idempotency::{Answer, IdempotencyKey, KeyHeader},
        problem::{Problem, Problems},
    },
    identity::Citizen,
    vehicle_passes::{
        riding,
        views::{VehicleInvitationView, VehicleInvitationsView},
    },
};

/// Mount the routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list).service(agree).service(refuse);
}

/// List where one, or somebody whom one acts for, is aboard, or is asked to be, newest first.
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "listVehicleInvitations",
    security(("session" = [])),
    responses(
        (status = 200, body = VehicleInvitationsView, description = "Where one is aboard"),
        Problems,
    ),
)]
#[get("/me/vehicle-invitations")]
async fn list(citizen: Citizen, deps: Data<Deps>) -> Result<Json<VehicleInvitationsView>, Problem> {
    let invitations = riding::mine(&deps, &citizen).await?;
    Ok(Json(VehicleInvitationsView { invitations }))
}

/// Agree to be aboard.
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "agreeToRide",
    params(("place" = AboardId, Path, description = "A place that one was asked to take"), KeyHeader),
    security(("session" = [])),
    responses(
        (status = 200, body = VehicleInvitationView, description = "Agreed"),
        Problems,
    ),
)]
#[post("/me/vehicle-invitations/{place}/consent")]
async fn agree(
    citizen: Citizen,
    deps: Data<Deps>,
    place: Id<AboardId>,
    key: IdempotencyKey,
) -> Result<Answer, Problem> {
    Ok(riding::agree(&deps, citizen, place.0, &key).await?)
}

/// Do not be aboard, or not any more.
///
/// Whoever acts for somebody leaves for them. A pass counts for the others from then on, as long as one of them
/// drives.
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "refuseToRide",
    params(("place" = AboardId, Path, description = "A place that one was asked to take"), KeyHeader),
    security(("session" = [])),
    responses(
        (status = 200, body = VehicleInvitationView, description = "Refused, or left"),
        Problems,
    ),
)]
#[post("/me/vehicle-invitations/{place}/refusal")]
async fn refuse(
    citizen: Citizen,
    deps: Data<Deps>,
    place: Id<AboardId>,
    key: IdempotencyKey,
) -> Result<Answer, Problem> {
    Ok(riding::refuse(&deps, citizen, place.0, &key).await?)
}
