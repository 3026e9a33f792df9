//! Workers and their neighbours.

use actix_web::{
    HttpResponse, get,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    post,
    web::{Data, Json},
};
use entity::values::{Area, WorkEnding, WorkPermitId};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

use crate::{
    credentials::qr::{Level, Scale, ordinary, png::png},
    deps::Deps,
    http::{
        binary::Binary,
        body::{Id, Params, Valid},
        idempotency::{Answer, IdempotencyKey, KeyHeader},
        page::{self, Page},
        problem::{Problem, Problems},
    },
    identity::Citizen,
    work_permits::{
        error::Error,
        objecting, permits, printing, publishing, reading,
        views::{ObjectionRequest, ObjectionTakenView, PermitView, PublicReturnView, WorkerView},
    },
};

/// Mount the routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(show)
        .service(draw)
        .service(print)
        .service(own)
        .service(give_up)
        .service(public)
        .service(object);
}

/// Show one's work permit.
///
/// It is reached from the code page. It counts in its 30 days while one's code is green and the employer is
/// on the white list; only then is there a text to draw.
#[utoipa::path(
    tag = "work permits",
    operation_id = "showWorkPermit",
    security(("session" = [])),
    responses((status = 200, body = PermitView, description = "The newest permit"), Problems),
)]
#[get("/me/work-permit")]
async fn show(citizen: Citizen, deps: Data<Deps>) -> Result<Json<PermitView>, Problem> {
    let face = permits::permit_shown(&deps, citizen.person).await?;
    Ok(Json(face.ok_or(Error::NotFound)?.into()))
}

/// How to draw.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct WorkPictureParams {
    /// Pixels of a module's side.
    #[validate(range(min = 1, max = 20))]
    #[serde(default = "usual_scale")]
    #[param(minimum = 1, maximum = 20, default = 8)]
    scale: u8,
}

const fn usual_scale() -> u8 {
    8
}

/// Draw the code of one's work permit, if it counts.
#[utoipa::path(
    tag = "work permits",
    operation_id = "drawWorkPermit",
    params(WorkPictureParams),
    security(("session" = [])),
    responses((status = 200, body = Binary, content_type = "image/png", description = "The code"), Problems),
)]
#[get("/me/work-permit.png")]
async fn draw(
    citizen: Citizen,
    deps: Data<Deps>,
    params: Params<WorkPictureParams>,
) -> Result<HttpResponse, Problem> {
    let face = permits::permit_shown(&deps, citizen.person).await?;
    let token = face.ok_or(Error::NotFound)?.token;
    let token = token.ok_or(Error::DoesNotCount)?;
    let matrix = ordinary::draw(&token, Level::Quartile).map_err(Error::from)?;
    let scale = Scale::new(params.0.scale).ok_or(Error::NotSet)?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "image/png"))
        .body(png(&matrix, scale)))
}

/// Print one's work permit, if it counts: a PDF of the size A6.
#[utoipa::path(
    tag = "work permits",
    operation_id = "printWorkPermit",
    security(("session" = [])),
    responses((status = 200, body = Binary, content_type = "application/pdf", description = "The permit"), Problems),
)]
#[get("/me/work-permit/document")]
async fn print(citizen: Citizen, deps: Data<Deps>) -> Result<HttpResponse, Problem> {
    let (number, pdf) = printing::pdf(&deps, citizen.person).await?;
    let name = format!("attachment; filename=\"work-permit-{number}.pdf\"");
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/pdf"))
        .insert_header((CONTENT_DISPOSITION, name))
        .body(pdf))
}

/// List for which returns one was asked for, and what became of them, newest first: at the most ten.
#[utoipa::path(
    tag = "work permits",
    operation_id = "listOwnReturns",
    security(("session" = [])),
    responses((status = 200, body = Vec<WorkerView>, description = "The returns"), Problems),
)]
#[get("/me/returns")]
async fn own(citizen: Citizen, deps: Data<Deps>) -> Result<Json<Vec<WorkerView>>, Problem> {
    Ok(Json(reading::of_person(&deps, citizen.person).await?))
}

/// Give up a work permit, or say that one was never to return there: another enterprise may ask then.
#[utoipa::path(
    tag = "work permits",
    operation_id = "giveUpReturn",
    params(("permit" = WorkPermitId, Path, description = "One's own"), KeyHeader),
    security(("session" = [])),
    responses((status = 200, body = WorkerView, description = "Given up"), Problems),
)]
#[post("/me/returns/{permit}/withdrawal")]
async fn give_up(
    citizen: Citizen,
    deps: Data<Deps>,
    permit: Id<WorkPermitId>,
    key: IdempotencyKey,
) -> Result<Answer, Problem> {
    let ending = WorkEnding::GivenUp;
    let who = reading::Ender::Worker(citizen.person);
    Ok(Box::pin(reading::end(&deps, who, permit.0, &key, ending)).await?)
}

/// Where.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReturnsParams {
    /// A community, or a division.
    area: Area,
    /// `next` of the page before; absent for the first.
    #[validate(length(min = 1, max = 64))]
    #[param(min_length = 1, max_length = 64)]
    after: Option<String>,
    /// Entries of a page, at the most.
    #[validate(range(min = 1, max = 100))]
    #[serde(default = "page::usual")]
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: u64,
}

/// List the returns that are public in a neighbourhood now, newest first.
///
/// Names are masked. Until the time is over anybody who is verified may object.
#[utoipa::path(
    tag = "work permits",
    operation_id = "listPublicReturns",
    params(ReturnsParams),
    security(("session" = [])),
    responses((status = 200, body = Page<PublicReturnView>, description = "A page of returns"), Problems),
)]
#[get("/returns")]
async fn public(
    _: Citizen,
    deps: Data<Deps>,
    params: Params<ReturnsParams>,
) -> Result<Json<Page<PublicReturnView>>, Problem> {
    let after = page::key(params.0.after.as_deref())?;
    let (area, limit) = (&params.0.area, params.0.limit);
    Ok(Json(
        publishing::public_in(&deps, area, after, limit).await?,
    ))
}

/// Object to a return that is public: the neighbourhood committee decides then.
#[utoipa::path(
    tag = "work permits",
    operation_id = "objectToReturn",
    params(("permit" = WorkPermitId, Path, description = "A return that is public"), KeyHeader),
    request_body = ObjectionRequest,
    security(("session" = [])),
    responses((status = 201, body = ObjectionTakenView, description = "Taken in"), Problems),
)]
#[post("/returns/{permit}/objections")]
async fn object(
    citizen: Citizen,
    deps: Data<Deps>,
    permit: Id<WorkPermitId>,
    key: IdempotencyKey,
    body: Valid<ObjectionRequest>,
) -> Result<Answer, Problem> {
    let answer = Box::pin(objecting::object(&deps, &citizen, permit.0, &key, body.0)).await?;
    deps.outbox.wake();
    Ok(answer)
}
