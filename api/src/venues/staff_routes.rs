//! Venues as the authority sees them.

use actix_web::{
    delete, get, put,
    web::{Data, Json},
};
use entity::values::VenueId;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{
    keeping, reading,
    views::{VenueSuspensionRequest, VenueView, VenuesParams},
};
use crate::{
    deps::Deps,
    http::{
        body::{Id, Params, Valid},
        page::{self, Page},
        problem::{Problem, Problems},
    },
    staff::Staff,
};

/// Mount the routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(read)
        .service(suspend)
        .service(resume);
}

/// List the venues of one's region.
#[utoipa::path(
    tag = "venues",
    operation_id = "listVenuesOfRegion",
    params(VenuesParams),
    security(("staff" = [])),
    responses(
        (status = 200, body = Page<VenueView>, description = "A page of venues"),
        Problems,
    ),
)]
#[get("/staff/venues")]
async fn list(
    staff: Staff,
    deps: Data<Deps>,
    params: Params<VenuesParams>,
) -> Result<Json<Page<VenueView>>, Problem> {
    let after = page::key::<Uuid>(params.0.after.as_deref())?.map(VenueId);
    Ok(Json(
        reading::of_staff(&deps, &staff, after, &params.0).await?,
    ))
}

/// Read a venue of one's region.
#[utoipa::path(
    tag = "venues",
    operation_id = "readVenueOfRegion",
    params(("venue" = VenueId, Path, description = "A venue of one's region")),
    security(("staff" = [])),
    responses(
        (status = 200, body = VenueView, description = "The venue"),
        Problems,
    ),
)]
#[get("/staff/venues/{venue}")]
async fn read(
    staff: Staff,
    deps: Data<Deps>,
    venue: Id<VenueId>,
) -> Result<Json<VenueView>, Problem> {
    Ok(Json(reading::seen_by(&deps, &staff, venue.0).await?))
}

/// Suspend a venue of one's region: its code is refused by name until it is resumed.
#[utoipa::path(
    tag = "venues",
    operation_id = "suspendVenue",
    params(("venue" = VenueId, Path, description = "A venue of one's region")),
    request_body = VenueSuspensionRequest,
    security(("staff" = [])),
    responses(
        (status = 200, body = VenueView, description = "Suspended"),
        Problems,
    ),
)]
#[put("/staff/venues/{venue}/suspension")]
async fn suspend(
    staff: Staff,
    deps: Data<Deps>,
    venue: Id<VenueId>,
    body: Valid<VenueSuspensionRequest>,
) -> Result<Json<VenueView>, Problem> {
    Ok(Json(
        keeping::suspend(&deps, &staff, venue.0, body.0.reason).await?,
    ))
}

/// Let the code of a suspended venue count again.
#[utoipa::path(
    tag = "venues",
    operation_id = "resumeVenue",
    params(("venue" = VenueId, Path, description = "A venue of one's region")),
    security(("staff" = [])),
    responses(
        (status = 200, body = VenueView, description = "Resumed"),
        Problems,
    ),
)]
#[delete("/staff/venues/{venue}/suspension")]
async fn resume(
    staff: Staff,
    deps: Data<Deps>,
    venue: Id<VenueId>,
) -> Result<Json<VenueView>, Problem> {
    Ok(Json(keeping::resume(&deps, &staff, venue.0).await?))
}
