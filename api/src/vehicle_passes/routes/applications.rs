//! Applications: begin, fill in, ask people aboard, submit.

use actix_web::{
    HttpResponse, delete, get, post, put,
    web::{Data, Json},
};
use entity::values::{AboardId, VehicleApplicationId};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    deps::Deps,
    http::{
        body::{Id, Params, Valid},
        idempotency::{Answer, IdempotencyKey, KeyHeader},
        page::{self, Page},
        problem::{Problem, Problems},
    },
    vehicle_passes::{
        aboard,
        caller::Caller,
        drafting, reading,
        requests::{
            AboardRequest, VehicleApplicationRequest, VehicleFormRequest,
            VehicleResubmissionRequest, VehiclesParams,
        },
        submitting, types,
        views::{AboardView, VehicleApplicationView, VehiclePassTypesView},
    },
};

/// Mount the routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_types)
        .service(begin)
        .service(list)
        .service(read)
        .service(fill_in)
        .service(discard)
        .service(ask_aboard)
        .service(remove)
        .service(submit)
        .service(resubmit)
        .service(withdraw);
}

/// List the types of passes, with what to read before applying.
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "listVehiclePassTypes",
    responses(
        (status = 200, body = VehiclePassTypesView, description = "The types"),
        Problems,
    ),
)]
#[get("/vehicle-pass-types")]
async fn list_types(deps: Data<Deps>) -> Result<Json<VehiclePassTypesView>, Problem> {
    let types = types::list(&deps.db).await?;
    Ok(Json(VehiclePassTypesView { types }))
}

/// Begin an application.
///
/// It is kept for thirty days after it was saved last.
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "beginVehicleApplication",
    params(KeyHeader),
    request_body = VehicleApplicationRequest,
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 201, body = VehicleApplicationView, description = "Begun"),
        Problems,
    ),
)]
#[post("/vehicle-applications")]
async fn begin(
    caller: Caller,
    deps: Data<Deps>,
    key: IdempotencyKey,
    body: Valid<VehicleApplicationRequest>,
) -> Result<Answer, Problem> {
    Ok(drafting::begin(&deps, &caller, &key, body.0).await?)
}

/// List one's applications, or those of a unit, newest first.
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "listVehicleApplications",
    params(VehiclesParams),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = Page<VehicleApplicationView>, description = "A page of applications"),
        Problems,
    ),
)]
#[get("/vehicle-applications")]
async fn list(
    caller: Caller,
    deps: Data<Deps>,
    params: Params<VehiclesParams>,
) -> Result<Json<Page<VehicleApplicationView>>, Problem> {
    let after = page::key(params.0.after.as_deref())?;
    Ok(Json(reading::list(&deps, &caller, after, &params.0).await?))
}

/// Read an application: what is filled in, and how far it got.
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "readVehicleApplication",
    params(("application" = VehicleApplicationId, Path, description = "An application of one's own, or of a unit that one acts for")),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = VehicleApplicationView, description = "The application"),
        Problems,
    ),
)]
#[get("/vehicle-applications/{application}")]
async fn read(
    caller: Caller,
    deps: Data<Deps>,
    application: Id<VehicleApplicationId>,
) -> Result<Json<VehicleApplicationView>, Problem> {
    Ok(Json(reading::one(&deps, &caller, application.0).await?))
}

/// Save the form of an application, as far as it is filled in.
///
/// What is left out is not filled in any more. A plate that is none is refused at once (`vehicle-plate-invalid`),
/// and so are dates that run backwards (`vehicle-dates-backwards`).
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "fillInVehicleApplication",
    params(("application" = VehicleApplicationId, Path, description = "An application of one's own, or of a unit that one acts for")),
    request_body = VehicleFormRequest,
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = VehicleApplicationView, description = "Saved"),
        Problems,
    ),
)]
#[put("/vehicle-applications/{application}/form")]
async fn fill_in(
    caller: Caller,
    deps: Data<Deps>,
    application: Id<VehicleApplicationId>,
    body: Valid<VehicleFormRequest>,
) -> Result<Json<VehicleApplicationView>, Problem> {
    Ok(Json(
        drafting::fill_in(&deps, &caller, application.0, body.0).await?,
    ))
}

/// Give up an application that was not submitted. Nothing of it is kept.
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "discardVehicleApplication",
    params(("application" = VehicleApplicationId, Path, description = "An application of one's own, or of a unit that one acts for")),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 204, description = "Given up"),
        Problems,
    ),
)]
#[delete("/vehicle-applications/{application}")]
async fn discard(
    caller: Caller,
    deps: Data<Deps>,
    application: Id<VehicleApplicationId>,
) -> Result<HttpResponse, Problem> {
    drafting::discard(&deps, &caller, application.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Ask somebody aboard by their mobile number, or name oneself or a dependant.
///
/// Who is asked agrees on their own phone within a week.
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "askAboard",
    params(("application" = VehicleApplicationId, Path, description = "An application of one's own, or of a unit that one acts for"), KeyHeader),
    request_body = AboardRequest,
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 201, body = AboardView, description = "Asked"),
        Problems,
    ),
)]
#[post("/vehicle-applications/{application}/people")]
async fn ask_aboard(
    caller: Caller,
    deps: Data<Deps>,
    application: Id<VehicleApplicationId>,
    key: IdempotencyKey,
    body: Valid<AboardRequest>,
) -> Result<Answer, Problem> {
    Ok(aboard::ask(&deps, &caller, application.0, &key, body.0).await?)
}

/// Take a place back, also from somebody who agreed.
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "removeFromVehicle",
    params(("application" = VehicleApplicationId, Path, description = "An application of one's own, or of a unit that one acts for"),
        ("place" = AboardId, Path, description = "A place in it")),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = VehicleApplicationView, description = "Taken back"),
        Problems,
    ),
)]
#[delete("/vehicle-applications/{application}/people/{place}")]
async fn remove(
    caller: Caller,
    deps: Data<Deps>,
    path: Id<(VehicleApplicationId, AboardId)>,
) -> Result<Json<VehicleApplicationView>, Problem> {
    let (application, place) = path.0;
    Ok(Json(
        aboard::remove(&deps, &caller, application, place).await?,
    ))
}

/// Submit an application.
///
/// Looked up first: that everybody aboard agreed and is green, that the vehicle is registered, inspected and
/// without violations, that each section takes a pass at these hours, and that the vehicle has no other pass
/// for the same way at the same time. The county or district decides within seven working days.
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "submitVehicleApplication",
    params(("application" = VehicleApplicationId, Path, description = "An application of one's own, or of a unit that one acts for"), KeyHeader),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 201, body = VehicleApplicationView, description = "Submitted"),
        Problems,
    ),
)]
#[post("/vehicle-applications/{application}/submission")]
async fn submit(
    caller: Caller,
    deps: Data<Deps>,
    application: Id<VehicleApplicationId>,
    key: IdempotencyKey,
) -> Result<Answer, Problem> {
    Ok(submitting::submit(&deps, &caller, application.0, &key).await?)
}

/// Bring what a reviewer asked for.
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "resubmitVehicleApplication",
    params(("application" = VehicleApplicationId, Path, description = "An application of one's own, or of a unit that one acts for"), KeyHeader),
    request_body = VehicleResubmissionRequest,
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = VehicleApplicationView, description = "Brought"),
        Problems,
    ),
)]
#[post("/vehicle-applications/{application}/resubmission")]
async fn resubmit(
    caller: Caller,
    deps: Data<Deps>,
    application: Id<VehicleApplicationId>,
    key: IdempotencyKey,
    body: Valid<VehicleResubmissionRequest>,
) -> Result<Answer, Problem> {
    Ok(submitting::resubmit(&deps, &caller, application.0, &key, body.0).await?)
}

/// Take an application back that nobody decided yet.
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "withdrawVehicleApplication",
    params(("application" = VehicleApplicationId, Path, description = "An application of one's own, or of a unit that one acts for"), KeyHeader),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = VehicleApplicationView, description = "Taken back"),
        Problems,
    ),
)]
#[post("/vehicle-applications/{application}/withdrawal")]
async fn withdraw(
    caller: Caller,
    deps: Data<Deps>,
    application: Id<VehicleApplicationId>,
    key: IdempotencyKey,
) -> Result<Answer, Problem> {
    Ok(submitting::withdraw(&deps, &caller, application.0, &key).await?)
}
