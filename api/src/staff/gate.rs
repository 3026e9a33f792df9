//! Where every request to a route of staff is judged, before anything of it is read.

use actix_web::{
    HttpMessage,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::AUTHORIZATION,
    middleware::Next,
    web::Data,
};

use super::{
    matrix::{is_door, permission},
    service::sessions,
};
use crate::{
    deps::Deps,
    http::{
        bearer::bearer,
        problem::{INTERNAL, NOT_FOUND, Problem},
    },
};

/// What the paths of staff begin with.
const STAFF: &str = "/v1/staff/";

/// Let a request to a route of staff pass if the table says so, and every other request.
///
/// A route that the table leaves out answers nobody, even if it is served and its handler does not
/// ask for [`Staff`](super::Staff).
pub async fn gate(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    // As the router reads it, which may not be as it is written.
    let path = request.match_info().as_str();
    if path.starts_with(STAFF)
        && let Some(pattern) = request.resource_map().match_pattern(path)
        && !is_door(request.method().as_str(), &pattern)
    {
        judge(&request, &pattern).await?;
    }
    next.call(request).await
}

async fn judge(request: &ServiceRequest, pattern: &str) -> Result<(), Problem> {
    let permission =
        permission(request.method().as_str(), pattern).ok_or_else(|| Problem::new(NOT_FOUND))?;
    let deps = request
        .app_data::<Data<Deps>>()
        .ok_or_else(|| Problem::new(INTERNAL))?;
    let token = request.headers().get(AUTHORIZATION).and_then(bearer);
    let staff = sessions::authorise(deps, token.unwrap_or_default(), permission).await?;
    request.extensions_mut().insert(staff);
    Ok(())
}
