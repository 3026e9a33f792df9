//! Applying for pass cards, carrying one, and verifying them.

use actix_web::{
    get, post,
    web::{Data, Json},
};
use entity::values::{PassApplicationId, PersonId};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    applying,
    cards::{self, CardView},
    printing, staff_routes,
    verifying::{self, PassVerification, PassVerifyRequest},
    views::{ApplicationView, PassApplicationRequest, ReplacementRequest, SummaryView},
};
use crate::{
    deps::Deps,
    http::{
        body::{Id, Params, Valid},
        idempotency::{Answer, IdempotencyKey, KeyHeader},
        page::{self, Page, PageParams},
        problem::{Problem, Problems},
        verifications::Counted,
    },
    identity::{Citizen, acting_for},
};

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(apply)
        .service(list)
        .service(find)
        .service(show)
        .service(replace)
        .service(verify)
        .configure(printing::configure)
        .configure(staff_routes::configure);
}

/// Apply for a health pass card.
///
/// For oneself or a dependant, with a verified identity and a declaration. The data comparison answers
/// within the hour, and the community decides within six working hours; where it does not, and nothing
/// stands against it, the card is issued before 18:00 of the next day.
#[utoipa::path(
    tag = "pass cards",
    operation_id = "applyForPassCard",
    params(
        ("person" = PersonId, Path, description = "Oneself or a dependant"),
        KeyHeader,
    ),
    request_body = PassApplicationRequest,
    security(("session" = [])),
    responses(
        (status = 201, body = ApplicationView, description = "Filed"),
        Problems,
    ),
)]
#[post("/people/{person}/pass-applications")]
async fn apply(
    citizen: Citizen,
    deps: Data<Deps>,
    person: Id<PersonId>,
    key: IdempotencyKey,
    body: Valid<PassApplicationRequest>,
) -> Result<Answer, Problem> {
    let subject = acting_for(&deps, &citizen, person.0).await?;
    Ok(applying::apply(&deps, subject, &key, body.0).await?)
}

/// List applications for pass cards, newest first.
#[utoipa::path(
    tag = "pass cards",
    operation_id = "listPassApplications",
    params(("person" = PersonId, Path, description = "Oneself or a dependant"), PageParams),
    security(("session" = [])),
    responses(
        (status = 200, body = Page<SummaryView>, description = "A page of applications"),
        Problems,
    ),
)]
#[get("/people/{person}/pass-applications")]
async fn list(
    citizen: Citizen,
    deps: Data<Deps>,
    person: Id<PersonId>,
    page: Params<PageParams>,
) -> Result<Json<Page<SummaryView>>, Problem> {
    let subject = acting_for(&deps, &citizen, person.0).await?;
    let after = page::key(page.0.after.as_deref())?;
    Ok(Json(
        applying::list(&deps, subject, after, page.0.limit).await?,
    ))
}

/// Read one application as it stands.
#[utoipa::path(
    tag = "pass cards",
    operation_id = "getPassApplication",
    params(
        ("person" = PersonId, Path, description = "Oneself or a dependant"),
        ("application" = PassApplicationId, Path, description = "Which"),
    ),
    security(("session" = [])),
    responses(
        (status = 200, body = ApplicationView, description = "As it stands"),
        Problems,
    ),
)]
#[get("/people/{person}/pass-applications/{application}")]
async fn find(
    citizen: Citizen,
    deps: Data<Deps>,
    path: Id<(PersonId, PassApplicationId)>,
) -> Result<Json<ApplicationView>, Problem> {
    let (person, application) = path.0;
    let subject = acting_for(&deps, &citizen, person).await?;
    Ok(Json(applying::find(&deps, subject, application).await?))
}

/// Show the newest pass card as it stands now, with its signed permit while it counts.
#[utoipa::path(
    tag = "pass cards",
    operation_id = "showPassCard",
    params(("person" = PersonId, Path, description = "Oneself or a dependant")),
    security(("session" = [])),
    responses(
        (status = 200, body = CardView, description = "The card"),
        Problems,
    ),
)]
#[get("/people/{person}/pass-card")]
async fn show(
    citizen: Citizen,
    deps: Data<Deps>,
    person: Id<PersonId>,
) -> Result<Json<CardView>, Problem> {
    let subject = acting_for(&deps, &citizen, person.0).await?;
    Ok(Json(cards::show(&deps, subject.person).await?))
}

/// Have another card for the same days. The one before is void at once.
#[utoipa::path(
    tag = "pass cards",
    operation_id = "replacePassCard",
    params(
        ("person" = PersonId, Path, description = "Oneself or a dependant"),
        KeyHeader,
    ),
    request_body = ReplacementRequest,
    security(("session" = [])),
    responses(
        (status = 201, body = CardView, description = "The new card"),
        Problems,
    ),
)]
#[post("/people/{person}/pass-card/replacements")]
async fn replace(
    citizen: Citizen,
    deps: Data<Deps>,
    person: Id<PersonId>,
    key: IdempotencyKey,
    body: Valid<ReplacementRequest>,
) -> Result<Answer, Problem> {
    let subject = acting_for(&deps, &citizen, person.0).await?;
    Ok(cards::replace(&deps, subject, &key, body.0.reason).await?)
}

/// Verify a pass card at a gate.
///
/// Whether it is one of ours and counts now, with the live colour, whatever its text says. With a
/// temperature also what to do: a card that counts and a temperature below 37.3 °C pass, without
/// isolation.
#[utoipa::path(
    tag = "pass cards",
    operation_id = "verifyPassCard",
    request_body = PassVerifyRequest,
    responses(
        (status = 200, body = PassVerification, description = "What to think of it"),
        Problems,
    ),
)]
#[post("/passes/verify")]
async fn verify(
    _: Counted,
    deps: Data<Deps>,
    body: Valid<PassVerifyRequest>,
) -> Result<Json<PassVerification>, Problem> {
    Ok(Json(verifying::verify(&deps, body.0).await?))
}
