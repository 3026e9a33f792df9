//! Who was at a venue: for the health authority to ask, the data centre to release, and people to see.

use actix_web::{
    get, post,
    web::{Data, Json},
};
use entity::values::{PersonId, TracingId};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    reading, releasing, requesting,
    views::{
        ContactsRequest, ContactsView, ReleasedView, ReleasesView, TracingDecision,
        TracingRequestBody, TracingView,
    },
};
use crate::{
    deps::Deps,
    http::{
        body::{Id, Params, Valid},
        idempotency::{Answer, IdempotencyKey, KeyHeader},
        page::{self, Page, PageParams},
        problem::{Problem, Problems},
    },
    identity::{Citizen, acting_for},
    staff::Staff,
};

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(request)
        .service(list)
        .service(decide)
        .service(people)
        .service(contacts)
        .service(releases);
}

/// Ask who was at a venue of one's region at a time, for a case.
///
/// Nothing is released before somebody of another organisation decides.
#[utoipa::path(
    tag = "contact tracing",
    operation_id = "requestTracing",
    params(KeyHeader),
    request_body = TracingRequestBody,
    security(("staff" = [])),
    responses(
        (status = 201, body = TracingView, description = "It waits for the other organisation"),
        Problems,
    ),
)]
#[post("/staff/tracings")]
async fn request(
    staff: Staff,
    deps: Data<Deps>,
    key: IdempotencyKey,
    body: Valid<TracingRequestBody>,
) -> Result<Answer, Problem> {
    Ok(requesting::ask(&deps, &staff, &key, body.0).await?)
}

/// List what was asked of venues of one's region, the newest first.
#[utoipa::path(
    tag = "contact tracing",
    operation_id = "listTracings",
    params(PageParams),
    security(("staff" = [])),
    responses(
        (status = 200, body = Page<TracingView>, description = "A page of requests"),
        Problems,
    ),
)]
#[get("/staff/tracings")]
async fn list(
    staff: Staff,
    deps: Data<Deps>,
    page: Params<PageParams>,
) -> Result<Json<Page<TracingView>>, Problem> {
    let after = page::key(page.0.after.as_deref())?;
    Ok(Json(
        requesting::list(&deps, &staff, after, page.0.limit).await?,
    ))
}

/// Release what was asked for, or refuse it.
///
/// By the data centre, and never by somebody of the unit that asked (`second-organisation-needed`).
/// Everybody whose stay overlaps sees it from then on.
#[utoipa::path(
    tag = "contact tracing",
    operation_id = "decideTracing",
    params(("tracing" = TracingId, Path, description = "Which"), KeyHeader),
    request_body = TracingDecision,
    security(("staff" = [])),
    responses(
        (status = 200, body = TracingView, description = "Decided"),
        Problems,
    ),
)]
#[post("/staff/tracings/{tracing}/decision")]
async fn decide(
    staff: Staff,
    deps: Data<Deps>,
    tracing: Id<TracingId>,
    key: IdempotencyKey,
    body: Valid<TracingDecision>,
) -> Result<Answer, Problem> {
    Ok(releasing::decide(&deps, &staff, tracing.0, &key, body.0).await?)
}

/// Read who was there, for three days from the release.
///
/// Those whom something at the door vouches for. That they were read is put on record for each.
#[utoipa::path(
    tag = "contact tracing",
    operation_id = "readTracing",
    params(("tracing" = TracingId, Path, description = "Which"), PageParams),
    security(("staff" = [])),
    responses(
        (status = 200, body = Page<ReleasedView>, description = "A page of people"),
        Problems,
    ),
)]
#[get("/staff/tracings/{tracing}/people")]
async fn people(
    staff: Staff,
    deps: Data<Deps>,
    tracing: Id<TracingId>,
    page: Params<PageParams>,
) -> Result<Json<Page<ReleasedView>>, Problem> {
    let after = page::key(page.0.after.as_deref())?;
    Ok(Json(
        reading::people(&deps, &staff, tracing.0, after, page.0.limit).await?,
    ))
}

/// Enter some of those who were there as contacts: all that are named, or none.
///
/// Of somebody who only scanned a printed code there is nothing to enter (`presence-not-vouched-for`).
#[utoipa::path(
    tag = "contact tracing",
    operation_id = "enterContacts",
    params(("tracing" = TracingId, Path, description = "Which"), KeyHeader),
    request_body = ContactsRequest,
    security(("staff" = [])),
    responses(
        (status = 201, body = ContactsView, description = "Entered"),
        Problems,
    ),
)]
#[post("/staff/tracings/{tracing}/contacts")]
async fn contacts(
    staff: Staff,
    deps: Data<Deps>,
    tracing: Id<TracingId>,
    key: IdempotencyKey,
    body: Valid<ContactsRequest>,
) -> Result<Answer, Problem> {
    Ok(releasing::enter(&deps, &staff, tracing.0, &key, body.0).await?)
}

/// See to whom visits of one's own, or of somebody one acts for, were released.
#[utoipa::path(
    tag = "contact tracing",
    operation_id = "listReleases",
    params(("person" = PersonId, Path, description = "Oneself, or somebody one acts for")),
    security(("session" = [])),
    responses(
        (status = 200, body = ReleasesView, description = "The newest first"),
        Problems,
    ),
)]
#[get("/people/{person}/releases")]
async fn releases(
    citizen: Citizen,
    deps: Data<Deps>,
    person: Id<PersonId>,
) -> Result<Json<ReleasesView>, Problem> {
    let subject = acting_for(&deps, &citizen, person.0).await?;
    let items = reading::of_person(&deps, subject.person).await?;
    Ok(Json(ReleasesView { items }))
}
