//! Listing what one carries.

use actix_web::{
    get,
    web::{Data, Json},
};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    error::Error,
    views::{OwnPermitView, OwnPermitsView},
};
use crate::{
    deps::Deps,
    http::problem::{Problem, Problems},
    identity::Citizen,
};

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(own);
}

/// List the permits that one carries: the page of the code asks for them beside it.
///
/// Health pass card, work permit, and the vehicle passes that one applied for, whose days are not over, with
/// how each stands now and where it is shown. A code is shown without asking for them.
#[utoipa::path(
    tag = "permits",
    operation_id = "listOwnPermits",
    security(("session" = [])),
    responses((status = 200, body = OwnPermitsView, description = "The permits"), Problems),
)]
#[get("/me/permits")]
async fn own(citizen: Citizen, deps: Data<Deps>) -> Result<Json<OwnPermitsView>, Problem> {
    let (person, now) = (citizen.person, deps.clock.now());
    let mut items = Vec::new();
    for records in deps.permits.iter() {
        let carried = records.carried_by(&deps, person, now).await;
        let carried = carried.map_err(Error::from)?;
        let view = |carried| OwnPermitView::of(records.kind(), person, carried);
        items.extend(carried.into_iter().map(view));
    }
    Ok(Json(OwnPermitsView { items }))
}
