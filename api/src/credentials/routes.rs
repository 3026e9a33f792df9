//! Where verifiers fetch the public keys, and what became of permits.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, EntityTag, Header as _, IfNoneMatch},
    web::{Data, Path},
};
use entity::values::PermitKind;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{publishing, status_list::MEDIA_TYPE};
use crate::{
    deps::Deps,
    http::{
        binary::Binary,
        problem::{NOT_FOUND, Problem, ProblemBody, Problems, UNAVAILABLE},
    },
};

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(key_list)
        .service(status_lists)
        .service(status_list);
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

/// Where the lists are that say what became of permits.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatusLists)]
struct StatusListsView {
    /// Their addresses, the oldest first.
    status_lists: Vec<String>,
}

/// The addresses of the lists that say what became of permits (draft-ietf-oauth-status-list, section 9).
///
/// Whoever keeps all of them can verify permits for a day without a network.
#[utoipa::path(
    tag = "credentials",
    operation_id = "listStatusLists",
    responses(
        (status = 200, body = StatusListsView, description = "The addresses"),
        Problems,
    ),
)]
#[get("/status-lists")]
async fn status_lists(deps: Data<Deps>) -> Result<HttpResponse, Problem> {
    let status_lists = publishing::addresses(&deps).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .json(StatusListsView { status_lists }))
}

/// What became of the permits of one kind that were granted in one month: good, taken back, or suspended.
///
/// A Token Status List (draft-ietf-oauth-status-list) in CWT form, two bits a permit, signed by a key for
/// status lists of the list of keys. The place of a permit is the low twenty bits of its status index, and
/// the number of its list the high twelve. A place says nothing of a permit whose days are over. Ask every
/// five minutes with `If-None-Match`; a list is believed for a day.
#[utoipa::path(
    tag = "credentials",
    operation_id = "getStatusList",
    params(
        ("kind" = PermitKind, Path, description = "What its permits are for"),
        ("list" = u32, Path, description = "Its number"),
    ),
    responses(
        (status = 200, body = Binary, content_type = "application/statuslist+cwt", description = "The list"),
        (status = 304, description = "As the `ETag` in `If-None-Match` says"),
        Problems,
    ),
)]
#[get("/status-lists/{kind}/{list}")]
async fn status_list(
    request: HttpRequest,
    deps: Data<Deps>,
    of: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (kind, number) = of.into_inner();
    let kind = PermitKind::ALL.into_iter().find(|it| it.name() == kind);
    let (Some(kind), Ok(number)) = (kind, number.parse()) else {
        return Err(Problem::new(NOT_FOUND));
    };
    let made = publishing::list(&deps, kind, number).await?;
    let tag = EntityTag::new_strong(made.tag.clone());
    let has_it = match IfNoneMatch::parse(&request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&tag)),
        Err(_) => false,
    };
    let mut response = if has_it {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response
        .insert_header((ETAG, tag.to_string()))
        .insert_header((CACHE_CONTROL, "public, max-age=300"));
    if has_it {
        return Ok(response.finish());
    }
    Ok(response
        .insert_header((CONTENT_TYPE, MEDIA_TYPE))
        .body(made.bytes.clone()))
}
