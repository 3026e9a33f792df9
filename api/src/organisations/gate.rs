//! Where every request to a route of a unit is judged, before anything of it is read.

use actix_web::{
    HttpMessage,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::AUTHORIZATION,
    middleware::Next,
    web::Data,
};
use entity::values::OrganisationId;

use super::acting;
use crate::{
    deps::Deps,
    http::problem::{INTERNAL, Problem},
};

/// What the paths of units begin with.
const UNITS: &str = "/v1/organisations/";

/// What is asked for by citizens and by units in sessions of their own alike.
const SHARED: [&str; 2] = ["/v1/vehicle-applications", "/v1/vehicle-passes"];

/// Let a request to a route of a unit pass if the caller acts for it, and every other request. Where units come
/// as citizens do, a session of theirs that is none lets nobody on.
pub async fn gate(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    // As the router reads it, which may not be as it is written.
    let path = request.match_info().as_str();
    if let Some(unit) = path.strip_prefix(UNITS)
        && request.resource_map().match_pattern(path).is_some()
    {
        let unit = unit.split('/').next().unwrap_or_default();
        let unit = unit.parse().ok().map(OrganisationId);
        judge(&request, unit).await?;
    } else if SHARED.iter().any(|shared| path.starts_with(shared)) {
        let authorization = request.headers().get(AUTHORIZATION);
        acting::unit_in_session(deps_of(&request)?, authorization)
            .await
            .map_err(Problem::from)?;
    }
    next.call(request).await
}

async fn judge(request: &ServiceRequest, unit: Option<OrganisationId>) -> Result<(), Problem> {
    let deps = deps_of(request)?;
    let authorization = request.headers().get(AUTHORIZATION);
    let actor = acting::authorise(deps, authorization, unit).await?;
    request.extensions_mut().insert(actor);
    Ok(())
}

fn deps_of(request: &ServiceRequest) -> Result<&Data<Deps>, Problem> {
    let deps = request.app_data::<Data<Deps>>();
    deps.ok_or_else(|| Problem::new(INTERNAL))
}
