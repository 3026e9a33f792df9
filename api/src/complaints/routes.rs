//! Complaining about how an application was handled, for oneself and one's dependants.

use actix_web::{
    get, post,
    web::{Data, Json},
};
use entity::values::{ComplaintId, PersonId};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    filing,
    views::{ComplaintRequest, ComplaintView},
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
};

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(file)
        .service(list)
        .service(find)
        .service(withdraw);
}

/// Complain about how an application was handled.
///
/// Of oneself or a dependant. The level above whoever handled it answers within three working days; who
/// handled the application does not decide. Of each kind one complaint about an application waits at a
/// time.
#[utoipa::path(
    tag = "complaints",
    operation_id = "fileComplaint",
    params(
        ("person" = PersonId, Path, description = "Oneself or a dependant"),
        KeyHeader,
    ),
    request_body = ComplaintRequest,
    security(("session" = [])),
    responses(
        (status = 201, body = ComplaintView, description = "Filed"),
        Problems,
    ),
)]
#[post("/people/{person}/complaints")]
async fn file(
    citizen: Citizen,
    deps: Data<Deps>,
    person: Id<PersonId>,
    key: IdempotencyKey,
    body: Valid<ComplaintRequest>,
) -> Result<Answer, Problem> {
    let subject = acting_for(&deps, &citizen, person.0).await?;
    Ok(filing::file(&deps, subject, &key, body.0).await?)
}

/// List complaints, newest first.
#[utoipa::path(
    tag = "complaints",
    operation_id = "listComplaints",
    params(
        ("person" = PersonId, Path, description = "Oneself or a dependant"),
        PageParams,
    ),
    security(("session" = [])),
    responses(
        (status = 200, body = Page<ComplaintView>, description = "A page of complaints"),
        Problems,
    ),
)]
#[get("/people/{person}/complaints")]
async fn list(
    citizen: Citizen,
    deps: Data<Deps>,
    person: Id<PersonId>,
    page: Params<PageParams>,
) -> Result<Json<Page<ComplaintView>>, Problem> {
    let subject = acting_for(&deps, &citizen, person.0).await?;
    let after = page::key(page.0.after.as_deref())?;
    Ok(Json(
        filing::list(&deps, subject, after, page.0.limit).await?,
    ))
}

/// Read one complaint and its answer.
#[utoipa::path(
    tag = "complaints",
    operation_id = "getComplaint",
    params(
        ("person" = PersonId, Path, description = "Oneself or a dependant"),
        ("complaint" = ComplaintId, Path, description = "Which"),
    ),
    security(("session" = [])),
    responses(
        (status = 200, body = ComplaintView, description = "As it stands"),
        Problems,
    ),
)]
#[get("/people/{person}/complaints/{complaint}")]
async fn find(
    citizen: Citizen,
    deps: Data<Deps>,
    path: Id<(PersonId, ComplaintId)>,
) -> Result<Json<ComplaintView>, Problem> {
    let (person, complaint) = path.0;
    let subject = acting_for(&deps, &citizen, person).await?;
    Ok(Json(filing::find(&deps, subject, complaint).await?))
}

/// Take a complaint back.
#[utoipa::path(
    tag = "complaints",
    operation_id = "withdrawComplaint",
    params(
        ("person" = PersonId, Path, description = "Oneself or a dependant"),
        ("complaint" = ComplaintId, Path, description = "Which"),
        KeyHeader,
    ),
    security(("session" = [])),
    responses(
        (status = 200, body = ComplaintView, description = "Taken back"),
        Problems,
    ),
)]
#[post("/people/{person}/complaints/{complaint}/withdrawal")]
async fn withdraw(
    citizen: Citizen,
    deps: Data<Deps>,
    path: Id<(PersonId, ComplaintId)>,
    key: IdempotencyKey,
) -> Result<Answer, Problem> {
    let (person, complaint) = path.0;
    let subject = acting_for(&deps, &citizen, person).await?;
    Ok(filing::withdraw(&deps, subject, complaint, &key).await?)
}
