//! Sending files, and having them back.

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse, delete, get,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    post,
    web::{Bytes, Data, Payload},
};
use entity::values::{OrganisationId, UploadContent, UploadId};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    error::Error,
    keeping::{self, Owner},
    receiving,
    views::UploadView,
};
use crate::{
    deps::Deps,
    http::{
        binary::Binary,
        body::Id,
        idempotency::{Answer, IdempotencyKey, KeyHeader},
        problem::{Problem, Problems},
    },
    identity::Citizen,
    organisations::UnitActor,
};

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(send)
        .service(read)
        .service(delete_own)
        .service(send_for_unit)
        .service(read_of_unit)
        .service(delete_of_unit);
}

/// A file of a person or a unit, as it is handed out: to be kept, never to be shown by itself.
#[must_use]
pub fn served(upload: UploadId, content: UploadContent, bytes: Bytes) -> HttpResponse {
    let name = format!(
        "attachment; filename=\"{}.{}\"",
        upload.0.as_simple(),
        content.extension()
    );
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content.media_type()))
        .insert_header((CONTENT_DISPOSITION, name))
        .body(bytes)
}

/// What a file calls itself is not believed, but whoever sends a spreadsheet is told at once.
fn check_media_type(request: &HttpRequest) -> Result<(), Error> {
    let media_type = request.content_type();
    let known = [UploadContent::Jpeg, UploadContent::Png, UploadContent::Pdf]
        .iter()
        .any(|content| media_type.eq_ignore_ascii_case(content.media_type()));
    known.then_some(()).ok_or(Error::WrongMediaType)
}

/// Send a file for an application: a scan or a photograph.
///
/// JPEG, PNG or PDF, by what is in it and not by what it is called. Pictures are drawn anew, without where
/// and when they were taken; documents are written anew, and refused if they have scripts or files within.
/// Unless an application holds it, a file is deleted after a day.
#[utoipa::path(
    tag = "uploads",
    operation_id = "sendFile",
    params(KeyHeader),
    request_body(
        content((Binary = "image/jpeg"), (Binary = "image/png"), (Binary = "application/pdf")),
        description = "The file: 10 MB, 40 million pixels, 20 pages at the most",
    ),
    security(("session" = [])),
    responses((status = 201, body = UploadView, description = "Taken in"), Problems),
)]
#[post("/uploads")]
async fn send(
    citizen: Citizen,
    request: HttpRequest,
    deps: Data<Deps>,
    key: IdempotencyKey,
    body: Payload,
) -> Result<Answer, Problem> {
    check_media_type(&request)?;
    let owner = Owner::Person(citizen.person);
    Ok(receiving::receive(&deps, owner, &key, body).await?)
}

/// Have a file back that one sent.
#[utoipa::path(
    tag = "uploads",
    operation_id = "readFile",
    params(("upload" = UploadId, Path, description = "Which")),
    security(("session" = [])),
    responses(
        (
            status = 200,
            description = "The file as it is kept",
            content((Binary = "image/jpeg"), (Binary = "image/png"), (Binary = "application/pdf")),
        ),
        Problems,
    ),
)]
#[get("/uploads/{upload}")]
async fn read(
    citizen: Citizen,
    deps: Data<Deps>,
    upload: Id<UploadId>,
) -> Result<HttpResponse, Problem> {
    let owner = Owner::Person(citizen.person);
    let (content, bytes) = keeping::read_own(&deps, upload.0, owner).await?;
    Ok(served(upload.0, content, bytes))
}

/// Delete a file that one sent. One that an application holds stays (`upload-in-use`).
#[utoipa::path(
    tag = "uploads",
    operation_id = "deleteFile",
    params(("upload" = UploadId, Path, description = "Which")),
    security(("session" = [])),
    responses((status = 204, description = "Deleted"), Problems),
)]
#[delete("/uploads/{upload}")]
async fn delete_own(
    citizen: Citizen,
    deps: Data<Deps>,
    upload: Id<UploadId>,
) -> Result<HttpResponse, Problem> {
    keeping::give_up(&deps, upload.0, Owner::Person(citizen.person)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Send a file for an application of a unit.
#[utoipa::path(
    tag = "uploads",
    operation_id = "sendFileOfUnit",
    params(("organisation" = OrganisationId, Path, description = "The unit"), KeyHeader),
    request_body(
        content((Binary = "image/jpeg"), (Binary = "image/png"), (Binary = "application/pdf")),
        description = "The file: 10 MB, 40 million pixels, 20 pages at the most",
    ),
    security(("session" = []), ("unit" = [])),
    responses((status = 201, body = UploadView, description = "Taken in"), Problems),
)]
#[post("/organisations/{organisation}/uploads")]
async fn send_for_unit(
    unit: UnitActor,
    request: HttpRequest,
    deps: Data<Deps>,
    key: IdempotencyKey,
    body: Payload,
) -> Result<Answer, Problem> {
    check_media_type(&request)?;
    let owner = Owner::Unit(unit.organisation);
    Ok(receiving::receive(&deps, owner, &key, body).await?)
}

/// Have a file back that somebody sent for a unit.
#[utoipa::path(
    tag = "uploads",
    operation_id = "readFileOfUnit",
    params(
        ("organisation" = OrganisationId, Path, description = "The unit"),
        ("upload" = UploadId, Path, description = "Which"),
    ),
    security(("session" = []), ("unit" = [])),
    responses(
        (
            status = 200,
            description = "The file as it is kept",
            content((Binary = "image/jpeg"), (Binary = "image/png"), (Binary = "application/pdf")),
        ),
        Problems,
    ),
)]
#[get("/organisations/{organisation}/uploads/{upload}")]
async fn read_of_unit(
    unit: UnitActor,
    deps: Data<Deps>,
    path: Id<(OrganisationId, UploadId)>,
) -> Result<HttpResponse, Problem> {
    let (_, upload) = path.0;
    let owner = Owner::Unit(unit.organisation);
    let (content, bytes) = keeping::read_own(&deps, upload, owner).await?;
    Ok(served(upload, content, bytes))
}

/// Delete a file that somebody sent for a unit. One that an application holds stays (`upload-in-use`).
#[utoipa::path(
    tag = "uploads",
    operation_id = "deleteFileOfUnit",
    params(
        ("organisation" = OrganisationId, Path, description = "The unit"),
        ("upload" = UploadId, Path, description = "Which"),
    ),
    security(("session" = []), ("unit" = [])),
    responses((status = 204, description = "Deleted"), Problems),
)]
#[delete("/organisations/{organisation}/uploads/{upload}")]
async fn delete_of_unit(
    unit: UnitActor,
    deps: Data<Deps>,
    path: Id<(OrganisationId, UploadId)>,
) -> Result<HttpResponse, Problem> {
    let (_, upload) = path.0;
    keeping::give_up(&deps, upload, Owner::Unit(unit.organisation)).await?;
    Ok(HttpResponse::NoContent().finish())
}
