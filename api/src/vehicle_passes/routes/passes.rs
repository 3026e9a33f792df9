//! Passes: show, print, change, renew, give up, let others see them.

use actix_web::{
    HttpResponse, get,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    post,
    web::{Data, Json},
};
use entity::values::{VehicleApplicationKind, VehiclePassId};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    deps::Deps,
    http::{
        binary::Binary,
        body::{Id, Params, Valid},
        client::ClientAddress,
        idempotency::{Answer, IdempotencyKey, KeyHeader},
        page::{self, Page},
        problem::{Problem, Problems},
    },
    vehicle_passes::{
        authorising,
        caller::Caller,
        keeping, passes,
        printing::{self, Form, Printed},
        requests::{RecognitionRequest, VehicleAuthorisationRequest, VehiclesParams},
        views::{
            RecognisedVehiclePassView, VehicleApplicationView, VehicleAuthorisationView,
            VehiclePassView,
        },
    },
};

/// Mount the routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(read)
        .service(picture)
        .service(document)
        .service(change)
        .service(renew)
        .service(cancel)
        .service(authorise)
        .service(recognise);
}

/// List one's passes, or those of a unit, newest first. The signed text is on the page of each.
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "listVehiclePasses",
    params(VehiclesParams),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = Page<VehiclePassView>, description = "A page of passes"),
        Problems,
    ),
)]
#[get("/vehicle-passes")]
async fn list(
    caller: Caller,
    deps: Data<Deps>,
    params: Params<VehiclesParams>,
) -> Result<Json<Page<VehiclePassView>>, Problem> {
    let after = page::key(params.0.after.as_deref())?;
    Ok(Json(passes::list(&deps, &caller, after, &params.0).await?))
}

/// Show a pass, with the code to draw.
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "readVehiclePass",
    params(("pass" = VehiclePassId, Path, description = "A pass of one's own, or of a unit that one acts for")),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = VehiclePassView, description = "The pass"),
        Problems,
    ),
)]
#[get("/vehicle-passes/{pass}")]
async fn read(
    caller: Caller,
    deps: Data<Deps>,
    pass: Id<VehiclePassId>,
) -> Result<Json<VehiclePassView>, Problem> {
    Ok(Json(passes::one(&deps, &caller, pass.0).await?))
}

/// Draw a pass as a picture for the phone.
///
/// Only a pass that counts is drawn. Paper and phone have the same force.
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "drawVehiclePass",
    params(("pass" = VehiclePassId, Path, description = "A pass of one's own, or of a unit that one acts for")),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = Binary, content_type = "image/png", description = "The picture"),
        Problems,
    ),
)]
#[get("/vehicle-passes/{pass}/picture")]
async fn picture(
    caller: Caller,
    deps: Data<Deps>,
    pass: Id<VehiclePassId>,
) -> Result<HttpResponse, Problem> {
    let printed = printing::print(&deps, &caller, pass.0, Form::Picture).await?;
    Ok(drawn(printed, "image/png", "png"))
}

/// Print a pass.
///
/// Only a pass that counts is drawn. Paper and phone have the same force.
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "printVehiclePass",
    params(("pass" = VehiclePassId, Path, description = "A pass of one's own, or of a unit that one acts for")),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = Binary, content_type = "application/pdf", description = "A sheet of A4"),
        Problems,
    ),
)]
#[get("/vehicle-passes/{pass}/document")]
async fn document(
    caller: Caller,
    deps: Data<Deps>,
    pass: Id<VehiclePassId>,
) -> Result<HttpResponse, Problem> {
    let printed = printing::print(&deps, &caller, pass.0, Form::Paper).await?;
    Ok(drawn(printed, "application/pdf", "pdf"))
}

fn drawn(printed: Printed, content: &'static str, extension: &str) -> HttpResponse {
    let name = format!("inline; filename=\"{}.{extension}\"", printed.number);
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content))
        .insert_header((CONTENT_DISPOSITION, name))
        .body(printed.bytes)
}

/// Begin a change of a pass: another way, other hours or other people.
///
/// The application is filled in as the pass is. The pass counts until the one in its place does.
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "changeVehiclePass",
    params(("pass" = VehiclePassId, Path, description = "A pass of one's own, or of a unit that one acts for"), KeyHeader),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 201, body = VehicleApplicationView, description = "Begun"),
        Problems,
    ),
)]
#[post("/vehicle-passes/{pass}/changes")]
async fn change(
    caller: Caller,
    deps: Data<Deps>,
    pass: Id<VehiclePassId>,
    key: IdempotencyKey,
) -> Result<Answer, Problem> {
    let kind = VehicleApplicationKind::Change;
    Ok(keeping::succeed(&deps, &caller, pass.0, kind, &key).await?)
}

/// Begin the renewal of a pass, within the seven days before its end.
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "renewVehiclePass",
    params(("pass" = VehiclePassId, Path, description = "A pass of one's own, or of a unit that one acts for"), KeyHeader),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 201, body = VehicleApplicationView, description = "Begun"),
        Problems,
    ),
)]
#[post("/vehicle-passes/{pass}/renewals")]
async fn renew(
    caller: Caller,
    deps: Data<Deps>,
    pass: Id<VehiclePassId>,
    key: IdempotencyKey,
) -> Result<Answer, Problem> {
    let kind = VehicleApplicationKind::Renewal;
    Ok(keeping::succeed(&deps, &caller, pass.0, kind, &key).await?)
}

/// Give up a pass, for good.
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "cancelVehiclePass",
    params(("pass" = VehiclePassId, Path, description = "A pass of one's own, or of a unit that one acts for"), KeyHeader),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = VehiclePassView, description = "Given up"),
        Problems,
    ),
)]
#[post("/vehicle-passes/{pass}/cancellation")]
async fn cancel(
    caller: Caller,
    deps: Data<Deps>,
    pass: Id<VehiclePassId>,
    key: IdempotencyKey,
) -> Result<Answer, Problem> {
    Ok(keeping::cancel(&deps, &caller, pass.0, &key).await?)
}

/// Let whoever has the answer's text see a pass, once.
///
/// For verification in another province. The text is shown this once, and nothing can be listed with it.
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "authoriseVehiclePass",
    params(("pass" = VehiclePassId, Path, description = "A pass of one's own, or of a unit that one acts for"), KeyHeader),
    request_body = VehicleAuthorisationRequest,
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 201, body = VehicleAuthorisationView, description = "Leave was given"),
        Problems,
    ),
)]
#[post("/vehicle-passes/{pass}/authorisations")]
async fn authorise(
    caller: Caller,
    deps: Data<Deps>,
    pass: Id<VehiclePassId>,
    key: IdempotencyKey,
    body: Valid<VehicleAuthorisationRequest>,
) -> Result<Answer, Problem> {
    let minutes = body.0.minutes;
    Ok(authorising::authorise(&deps, &caller, pass.0, minutes, &key).await?)
}

/// See the pass that its holder's text opens, once.
///
/// For the platform of another province, which signs for it; its holder is told. Without a text there is nothing
/// to see, and nothing to list.
#[utoipa::path(
    tag = "vehicle passes",
    operation_id = "recogniseVehiclePass",
    request_body = RecognitionRequest,
    responses(
        (status = 200, body = RecognisedVehiclePassView, description = "What the pass says now"),
        Problems,
    ),
)]
#[post("/recognitions")]
async fn recognise(
    client: ClientAddress,
    deps: Data<Deps>,
    body: Valid<RecognitionRequest>,
) -> Result<Json<RecognisedVehiclePassView>, Problem> {
    let seen = authorising::recognise(&deps, client, &body.0).await?;
    Ok(Json(seen))
}
