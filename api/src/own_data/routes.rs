//! One's own data, and the map of what is kept.

use actix_web::{
    Responder, get,
    http::header::{CACHE_CONTROL, HeaderValue},
    post,
    web::{Data, Json},
};
use entity::values::PersonId;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    copying, deleting,
    views::{DeletionRequest, DeletionView, ForeseenView, MapView, OwnDataView},
};
use crate::{
    deps::Deps,
    http::{
        body::{Id, Valid},
        idempotency::{Answer, IdempotencyKey, KeyHeader},
        problem::{Problem, Problems},
    },
    identity::{Citizen, acting_for},
};

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(data_map)
        .service(copy)
        .service(foresee)
        .service(delete);
}

/// What is kept, for what, by what right, and for how long: every table of the service.
#[utoipa::path(
    tag = "own data",
    operation_id = "getDataMap",
    responses((status = 200, body = MapView, description = "The data map")),
)]
#[get("/data-map")]
async fn data_map() -> impl Responder {
    let cached = HeaderValue::from_static("public, max-age=300");
    Json(MapView::new())
        .customize()
        .insert_header((CACHE_CONTROL, cached))
}

/// Everything that is kept about oneself or a dependant, in the clear.
///
/// Only for whoever logged in within the last ten minutes: else `fresh-login-required`. Ten times a day. Of a table
/// with very many rows about one person the newest 5000 are copied, and its section says that there are more.
#[utoipa::path(
    tag = "own data",
    operation_id = "copyOwnData",
    params(("person" = PersonId, Path, description = "Oneself or a dependant")),
    security(("session" = [])),
    responses(
        (status = 200, body = OwnDataView, description = "The copy"),
        Problems,
    ),
)]
#[get("/people/{person}/data")]
async fn copy(
    citizen: Citizen,
    deps: Data<Deps>,
    person: Id<PersonId>,
) -> Result<Json<OwnDataView>, Problem> {
    let subject = acting_for(&deps, &citizen, person.0).await?;
    Ok(Json(copying::copy(&deps, &citizen, subject).await?))
}

/// What the deletion of one's account would do now, and what stands in its way.
#[utoipa::path(
    tag = "own data",
    operation_id = "foreseeAccountDeletion",
    security(("session" = [])),
    responses(
        (status = 200, body = ForeseenView, description = "What it would do"),
        Problems,
    ),
)]
#[get("/me/deletion")]
async fn foresee(citizen: Citizen, deps: Data<Deps>) -> Result<Json<ForeseenView>, Problem> {
    Ok(Json(deleting::foresee(&deps, &citizen).await?))
}

/// Delete one's account, and everything that may be deleted of what is kept about oneself.
///
/// Only for whoever logged in within the last ten minutes: else `fresh-login-required`. Every session ends.
/// Dependants whom nobody else acts for go along, unless they are removed before. What is applied for and not
/// decided is withdrawn. While a measure is in force, a pass is good, or an authority deals with a case about one,
/// the answer is `deletion-stopped`, with each reason, and `Retry-After` where the end is known. What stays, and why,
/// is part of the answer. Afterwards the phone can register anew, as somebody new.
#[utoipa::path(
    tag = "own data",
    operation_id = "deleteAccount",
    params(KeyHeader),
    request_body = DeletionRequest,
    security(("session" = [])),
    responses(
        (status = 200, body = DeletionView, description = "Deleted"),
        Problems,
    ),
)]
#[post("/me/deletion")]
async fn delete(
    citizen: Citizen,
    deps: Data<Deps>,
    key: IdempotencyKey,
    body: Valid<DeletionRequest>,
) -> Result<Answer, Problem> {
    let Valid(body) = body;
    Ok(deleting::delete(&deps, &citizen, &key, &body).await?)
}
