//! Passes for vehicles as the authority sees them.

use actix_web::{
    HttpResponse, get, post, put,
    web::{Data, Json},
};
use entity::values::{UploadId, VehicleApplicationId, VehiclePassId};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{
    error::Error,
    keeping, overseeing, passes,
    requests::{VehiclePassSearchRequest, VehiclePassesParams, VehicleRevocationRequest},
    rules::Mark,
    views::{VehiclePassView, VehicleStatisticsView},
};
use crate::{
    deps::Deps,
    http::{
        binary::Binary,
        body::{Id, Params, Valid},
        page::{self, Page},
        problem::{Problem, Problems},
    },
    staff::Staff,
    uploads,
};

/// Mount the routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(count)
        .service(material)
        .service(list)
        .service(search)
        .service(read)
        .service(revoke);
}

/// Count the applications of one's region, by county, type, stage and outcome.
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "countVehicleApplications",
    security(("staff" = [])),
    responses(
        (status = 200, body = VehicleStatisticsView, description = "The counts"),
        Problems,
    ),
)]
#[get("/staff/vehicle-applications/statistics")]
async fn count(staff: Staff, deps: Data<Deps>) -> Result<Json<VehicleStatisticsView>, Problem> {
    Ok(Json(overseeing::count(&deps, &staff).await?))
}

/// Look at what was uploaded for an application of one's region.
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "readVehicleMaterial",
    params(("application" = VehicleApplicationId, Path, description = "An application of one's region"),
        ("upload" = UploadId, Path, description = "An upload of it")),
    security(("staff" = [])),
    responses(
        (status = 200, body = Binary, description = "As it was kept"),
        Problems,
    ),
)]
#[get("/staff/vehicle-applications/{application}/materials/{upload}")]
async fn material(
    staff: Staff,
    deps: Data<Deps>,
    path: Id<(VehicleApplicationId, UploadId)>,
) -> Result<HttpResponse, Problem> {
    let (application, upload) = path.0;
    let (content, bytes) = overseeing::material(&deps, &staff, application, upload).await?;
    Ok(uploads::served(upload, content, bytes))
}

/// List the passes that were issued in one's region.
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "listVehiclePassesOfRegion",
    params(VehiclePassesParams),
    security(("staff" = [])),
    responses(
        (status = 200, body = Page<VehiclePassView>, description = "A page of passes"),
        Problems,
    ),
)]
#[get("/staff/vehicle-passes")]
async fn list(
    staff: Staff,
    deps: Data<Deps>,
    params: Params<VehiclePassesParams>,
) -> Result<Json<Page<VehiclePassView>>, Problem> {
    let after = page::key::<Uuid>(params.0.after.as_deref())?.map(VehiclePassId);
    Ok(Json(
        passes::of_staff(&deps, &staff, None, after, params.0.limit).await?,
    ))
}

/// Find the passes of a vehicle that were issued in one's region.
///
/// By its plate; of a vehicle that has none yet, by its temporary number or its own.
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "searchVehiclePasses",
    request_body = VehiclePassSearchRequest,
    security(("staff" = [])),
    responses(
        (status = 200, body = Page<VehiclePassView>, description = "A page of passes"),
        Problems,
    ),
)]
#[post("/staff/vehicle-passes/searches")]
async fn search(
    staff: Staff,
    deps: Data<Deps>,
    body: Valid<VehiclePassSearchRequest>,
) -> Result<Json<Page<VehiclePassView>>, Problem> {
    let sought = body.0;
    let after = page::key::<Uuid>(sought.after.as_deref())?.map(VehiclePassId);
    let mark = Mark::read(&sought.vehicle).ok_or(Error::NoVehicle)?;
    let found = passes::of_staff(&deps, &staff, Some(&mark), after, sought.limit).await?;
    Ok(Json(found))
}

/// Read a pass that was issued in one's region.
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "readVehiclePassOfRegion",
    params(("pass" = VehiclePassId, Path, description = "A pass that was issued in one's region")),
    security(("staff" = [])),
    responses(
        (status = 200, body = VehiclePassView, description = "The pass"),
        Problems,
    ),
)]
#[get("/staff/vehicle-passes/{pass}")]
async fn read(
    staff: Staff,
    deps: Data<Deps>,
    pass: Id<VehiclePassId>,
) -> Result<Json<VehiclePassView>, Problem> {
    Ok(Json(passes::seen_by(&deps, &staff, pass.0).await?))
}

/// Take a pass of one's region back. It counts no more, at once.
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "revokeVehiclePass",
    params(("pass" = VehiclePassId, Path, description = "A pass that was issued in one's region")),
    request_body = VehicleRevocationRequest,
    security(("staff" = [])),
    responses(
        (status = 200, body = VehiclePassView, description = "Taken back"),
        Problems,
    ),
)]
#[put("/staff/vehicle-passes/{pass}/revocation")]
async fn revoke(
    staff: Staff,
    deps: Data<Deps>,
    pass: Id<VehiclePassId>,
    body: Valid<VehicleRevocationRequest>,
) -> Result<Json<VehiclePassView>, Problem> {
    let reason = body.0.reason;
    Ok(Json(keeping::revoke(&deps, &staff, pass.0, reason).await?))
}
