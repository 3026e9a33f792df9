//! Where verifiers fetch the public keys.

use actix_web::{
    HttpResponse, get,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    web::Data,
};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    deps::Deps,
    http::{
        binary::Binary,
        problem::{Problem, ProblemBody, UNAVAILABLE},
    },
};

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(key_list);
}

/// The list of public keys, signed by the root key.
///
/// A `COSE_Sign1` (RFC 9052) over deterministic CBOR. Verifiers pin the root's public key, refuse a
/// version below the highest they have seen, and stop believing a list when it expires.
#[utoipa::path(
    tag = "credentials",
    operation_id = "getKeyList",
    responses(
        (status = 200, body = Binary, content_type = "application/cose", description = "The signed list"),
        (status = 503, body = ProblemBody, content_type = "application/problem+json", description = "No list was signed yet"),
    ),
)]
#[get("/keys")]
async fn key_list(deps: Data<Deps>) -> Result<HttpResponse, Problem> {
    let list = deps
        .keyring
        .signed_list()
        .ok_or_else(|| Problem::new(UNAVAILABLE))?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/cose; cose-type=\"cose-sign1\""))
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .body(list))
}

/// The public keys as a JSON Web Key Set (RFC 7517), for tools that know no other.
#[utoipa::path(
    tag = "credentials",
    operation_id = "getJwks",
    responses(
        (status = 200, body = Object, description = "The key set"),
        (status = 503, body = ProblemBody, content_type = "application/problem+json", description = "No key is loaded yet"),
    ),
)]
#[get("/.well-known/jwks.json")]
pub(crate) async fn jwks(deps: Data<Deps>) -> Result<HttpResponse, Problem> {
    let keys = deps
        .keyring
        .jwks()
        .ok_or_else(|| Problem::new(UNAVAILABLE))?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .json(keys))
}
