//! People who were turned away.

use actix_web::{
    get, post,
    web::{Data, Json},
};
use entity::values::{OrganisationId, PersonId, VenueId};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    doors,
    views::{ControlActionView, RefusalRequest, RefusalView},
};
use crate::{
    deps::Deps,
    http::{
        body::{Id, Params, Valid},
        idempotency::{Answer, IdempotencyKey, KeyHeader},
        page::{self, Page, PageParams},
        problem::{Language, Problem, Problems},
    },
    identity::{Citizen, acting_for},
    organisations::UnitActor,
};

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(refuse).service(at_venue).service(of_person);
}

/// Report that somebody was turned away at the door.
///
/// The headquarters of the county or district is told at once, and has two hours. Somebody who tries again
/// within ten minutes, for the same reason, is in the same report; so is somebody unknown who is reported
/// twice within a minute in the same words. A door reports sixty times an hour at the most.
#[utoipa::path(
    tag = "control actions",
    operation_id = "reportRefusal",
    params(
        ("organisation" = OrganisationId, Path, description = "Which unit"),
        ("venue" = VenueId, Path, description = "At the door of which of its venues"),
        KeyHeader,
    ),
    request_body = RefusalRequest,
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 201, body = RefusalView, description = "Reported"),
        (status = 200, body = RefusalView, description = "Reported a moment ago"),
        Problems,
    ),
)]
#[post("/organisations/{organisation}/venues/{venue}/refusals")]
async fn refuse(
    unit: UnitActor,
    deps: Data<Deps>,
    path: Id<(OrganisationId, VenueId)>,
    key: IdempotencyKey,
    language: Language,
    body: Valid<RefusalRequest>,
) -> Result<Answer, Problem> {
    Ok(doors::refuse(&deps, unit, path.0.1, &key, body.0, language).await?)
}

/// List who was turned away at the door of a venue, newest first.
///
/// How far the headquarters got with each, and nothing of anybody's health or name.
#[utoipa::path(
    tag = "control actions",
    operation_id = "listRefusals",
    params(
        ("organisation" = OrganisationId, Path, description = "Which unit"),
        ("venue" = VenueId, Path, description = "Which of its venues"),
        PageParams,
    ),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = Page<RefusalView>, description = "A page of reports"),
        Problems,
    ),
)]
#[get("/organisations/{organisation}/venues/{venue}/refusals")]
async fn at_venue(
    unit: UnitActor,
    deps: Data<Deps>,
    path: Id<(OrganisationId, VenueId)>,
    page: Params<PageParams>,
    language: Language,
) -> Result<Json<Page<RefusalView>>, Problem> {
    let place = (page::key(page.0.after.as_deref())?, page.0.limit);
    let found = doors::at_venue(&deps, &unit, path.0.1, place, language);
    Ok(Json(found.await?))
}

/// List when one was turned away at a door and the headquarters was told, newest first.
///
/// Of oneself or a dependant.
#[utoipa::path(
    tag = "control actions",
    operation_id = "listControlActions",
    params(
        ("person" = PersonId, Path, description = "Oneself or a dependant"),
        PageParams,
    ),
    security(("session" = [])),
    responses(
        (status = 200, body = Page<ControlActionView>, description = "A page of them"),
        Problems,
    ),
)]
#[get("/people/{person}/control-actions")]
async fn of_person(
    citizen: Citizen,
    deps: Data<Deps>,
    person: Id<PersonId>,
    page: Params<PageParams>,
    language: Language,
) -> Result<Json<Page<ControlActionView>>, Problem> {
    let subject = acting_for(&deps, &citizen, person.0).await?;
    let place = (page::key(page.0.after.as_deref())?, page.0.limit);
    let found = doors::of_person(&deps, subject, place, language);
    Ok(Json(found.await?))
}
