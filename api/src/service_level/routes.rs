//! How far the service is reduced, for everybody to read and for the province to order.

use actix_web::{
    HttpResponse, delete, get, put,
    web::{Data, Json},
};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    error::Error,
    ordering::{self, By},
    views::{OrderRequest, ServiceLevelView},
};
use crate::{
    deps::Deps,
    http::{
        body::Valid,
        problem::{Language, Problem, Problems},
    },
    policy,
    staff::Staff,
};

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(get_level)
        .service(order_level)
        .service(free_level);
}

/// How far the service is reduced just now.
///
/// While it is, every answer says so as well, in the header `Service-Level`. A class that is left out is
/// refused with `shed`, and `Retry-After` says when to ask again.
#[utoipa::path(
    tag = "operation",
    operation_id = "getServiceLevel",
    responses((status = 200, body = ServiceLevelView, description = "The level")),
)]
#[get("/service-level")]
async fn get_level(deps: Data<Deps>, language: Language) -> Json<ServiceLevelView> {
    Json(ServiceLevelView::new(&ordering::standing(&deps), language))
}

/// Keep the service between two levels for a time, in place of what was ordered before.
///
/// Every instance follows within two seconds. Only for whoever administers the whole province.
#[utoipa::path(
    tag = "operation",
    operation_id = "orderServiceLevel",
    request_body = OrderRequest,
    security(("staff" = [])),
    responses(
        (status = 200, body = ServiceLevelView, description = "Ordered"),
        Problems,
    ),
)]
#[put("/staff/service-level")]
async fn order_level(
    staff: Staff,
    deps: Data<Deps>,
    language: Language,
    body: Valid<OrderRequest>,
) -> Result<Json<ServiceLevelView>, Problem> {
    provincial(&deps, &staff)?;
    let levels = (body.0.at_least, body.0.at_most);
    let by = By::Staff(staff.account);
    ordering::order(&deps, by, levels, body.0.long(), &body.0.reason).await?;
    Ok(Json(ServiceLevelView::new(
        &ordering::standing(&deps),
        language,
    )))
}

/// Leave the service to itself again.
#[utoipa::path(
    tag = "operation",
    operation_id = "freeServiceLevel",
    security(("staff" = [])),
    responses(
        (status = 204, description = "It goes up and down by what it sees"),
        Problems,
    ),
)]
#[delete("/staff/service-level")]
async fn free_level(staff: Staff, deps: Data<Deps>) -> Result<HttpResponse, Problem> {
    provincial(&deps, &staff)?;
    ordering::free(&deps, By::Staff(staff.account)).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn provincial(deps: &Deps, staff: &Staff) -> Result<(), Error> {
    if policy::reaches_province(deps, &staff.scope)? {
        Ok(())
    } else {
        Err(Error::ProvinceOnly)
    }
}
