//! Filing corrections, and reading what became of them.

use actix_web::{
    get, post,
    web::{Data, Json},
};
use entity::values::{CorrectionId, PersonId};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

use super::{
    filing, staff_routes,
    views::{CorrectionRequest, CorrectionView},
};
use crate::{
    deps::Deps,
    http::{
        body::{Id, Params, Valid},
        idempotency::{Answer, IdempotencyKey, KeyHeader},
        page::{self, Page},
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
        .configure(staff_routes::configure);
}

/// Say what is wrong in a record.
///
/// Of oneself or a dependant: a fact or a test that the reasons of the code name. Reviewers decide by
/// the end of the second working day.
#[utoipa::path(
    tag = "corrections",
    operation_id = "fileCorrection",
    params(KeyHeader),
    request_body = CorrectionRequest,
    security(("session" = [])),
    responses(
        (status = 201, body = CorrectionView, description = "Filed"),
        Problems,
    ),
)]
#[post("/corrections")]
async fn file(
    citizen: Citizen,
    deps: Data<Deps>,
    key: IdempotencyKey,
    body: Valid<CorrectionRequest>,
) -> Result<Answer, Problem> {
    let subject = acting_for(&deps, &citizen, body.0.person).await?;
    Ok(filing::file(&deps, subject, &key, body.0).await?)
}

/// Whose corrections, and which page.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// Oneself, unless a dependant is named.
    person: Option<PersonId>,
    /// `next` of the page before; absent for the first.
    #[validate(length(min = 1, max = 64))]
    #[param(min_length = 1, max_length = 64)]
    after: Option<String>,
    /// Entries of a page, at the most.
    #[validate(range(min = 1, max = 100))]
    #[serde(default = "page::usual")]
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: u64,
}

/// List corrections, newest first.
#[utoipa::path(
    tag = "corrections",
    operation_id = "listCorrections",
    params(ListParams),
    security(("session" = [])),
    responses(
        (status = 200, body = Page<CorrectionView>, description = "A page of corrections"),
        Problems,
    ),
)]
#[get("/corrections")]
async fn list(
    citizen: Citizen,
    deps: Data<Deps>,
    params: Params<ListParams>,
) -> Result<Json<Page<CorrectionView>>, Problem> {
    let Params(params) = params;
    let person = params.person.unwrap_or(citizen.person);
    let subject = acting_for(&deps, &citizen, person).await?;
    let after = page::key(params.after.as_deref())?;
    Ok(Json(
        filing::list(&deps, subject, after, params.limit).await?,
    ))
}

/// Read one correction.
#[utoipa::path(
    tag = "corrections",
    operation_id = "getCorrection",
    params(("correction" = CorrectionId, Path, description = "Which")),
    security(("session" = [])),
    responses(
        (status = 200, body = CorrectionView, description = "As it stands"),
        Problems,
    ),
)]
#[get("/corrections/{correction}")]
async fn find(
    citizen: Citizen,
    deps: Data<Deps>,
    correction: Id<CorrectionId>,
) -> Result<Json<CorrectionView>, Problem> {
    Ok(Json(filing::find(&deps, &citizen, correction.0).await?))
}
