//! Where every request to a route of staff is judged, before anything of it is read.

use actix_web::{
    HttpMessage,
    body::{BoxBody, EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::AUTHORIZATION,
    middleware::Next,
    web::Data,
};

use super::{
    matrix::{Permission, is_door, methods, permission},
    service::sessions,
};
use crate::{
    deps::Deps,
    http::{
        bearer::bearer,
        fallback,
        problem::{INTERNAL, NOT_FOUND, Problem},
    },
};

/// What the paths of staff begin with.
const STAFF: &str = "/v1/staff/";

/// Let a request to a route of staff pass if the table says so, and every other request.
///
/// A route that the table leaves out answers nobody, even if it is served and its handler does not
/// ask for [`Staff`](super::Staff).
pub async fn gate<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, actix_web::Error> {
    // As the router reads it, which may not be as it is written.
    let path = request.match_info().as_str();
    if path.starts_with(STAFF)
        && let Some(pattern) = request.resource_map().match_pattern(path)
        && !is_door(request.method().as_str(), &pattern)
    {
        let method = request.method().as_str();
        let Some(permission) = permission(method, &pattern) else {
            return nobody(request, &pattern);
        };
        judge(&request, permission).await?;
    }
    let answer = next.call(request).await?;
    Ok(answer.map_into_left_body())
}

/// What is answered to everybody where the table has only other methods, or nothing.
fn nobody<B>(
    request: ServiceRequest,
    pattern: &str,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, actix_web::Error> {
    let allowed = methods(pattern);
    if allowed.is_empty() {
        return Err(Problem::new(NOT_FOUND).into());
    }
    let answer = request.into_response(fallback::not_allowed(&allowed));
    Ok(answer.map_into_right_body())
}

async fn judge(request: &ServiceRequest, permission: &'static Permission) -> Result<(), Problem> {
    let deps = request
        .app_data::<Data<Deps>>()
        .ok_or_else(|| Problem::new(INTERNAL))?;
    let token = request.headers().get(AUTHORIZATION).and_then(bearer);
    let staff = sessions::authorise(deps, token.unwrap_or_default(), permission).await?;
    request.extensions_mut().insert(staff);
    Ok(())
}
