//! Declaring and checking in, for oneself and one's dependants.

use actix_web::{
    get, post,
    web::{Data, Json},
};
use chrono::NaiveDate;
use entity::values::{DeclarationId, PersonId};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    check_ins::{self, CheckInView},
    declaring::{self, DeclarationView},
    report::{CheckInReport, DeclarationReport},
};
use crate::{
    deps::Deps,
    http::{
        body::{Id, Params, Valid},
        idempotency::{Answer, IdempotencyKey, KeyHeader},
        page::{Page, PageParams},
        problem::{FieldFault, INVALID_REQUEST, Problem, Problems, Text},
    },
    identity::{Citizen, acting_for},
};

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(declare)
        .service(list_declarations)
        .service(get_declaration)
        .service(check_in)
        .service(list_check_ins);
}

/// Declare.
///
/// For oneself or a dependant. Each declaration is a new version and is kept as declared. The code is
/// pending until the data comparison of the first one has run.
#[utoipa::path(
    tag = "declarations",
    operation_id = "declare",
    params(
        ("person" = PersonId, Path, description = "Oneself or a dependant"),
        KeyHeader,
    ),
    request_body = DeclarationReport,
    security(("session" = [])),
    responses(
        (status = 201, body = DeclarationView, description = "Declared"),
        Problems,
    ),
)]
#[post("/people/{person}/declarations")]
async fn declare(
    citizen: Citizen,
    deps: Data<Deps>,
    person: Id<PersonId>,
    key: IdempotencyKey,
    body: Valid<DeclarationReport>,
) -> Result<Answer, Problem> {
    let subject = acting_for(&deps, &citizen, person.0).await?;
    Ok(declaring::declare(&deps, subject, &key, body.0).await?)
}

/// List declarations, newest first.
#[utoipa::path(
    tag = "declarations",
    operation_id = "listDeclarations",
    params(("person" = PersonId, Path, description = "Oneself or a dependant"), PageParams),
    security(("session" = [])),
    responses(
        (status = 200, body = Page<DeclarationView>, description = "A page of declarations"),
        Problems,
    ),
)]
#[get("/people/{person}/declarations")]
async fn list_declarations(
    citizen: Citizen,
    deps: Data<Deps>,
    person: Id<PersonId>,
    page: Params<PageParams>,
) -> Result<Json<Page<DeclarationView>>, Problem> {
    let subject = acting_for(&deps, &citizen, person.0).await?;
    let before = page_key::<i32>(page.0.after.as_deref())?;
    Ok(Json(
        declaring::list(&deps, subject, before, page.0.limit).await?,
    ))
}

/// Read one declaration as it was made.
#[utoipa::path(
    tag = "declarations",
    operation_id = "getDeclaration",
    params(
        ("person" = PersonId, Path, description = "Oneself or a dependant"),
        ("declaration" = DeclarationId, Path, description = "Which"),
    ),
    security(("session" = [])),
    responses(
        (status = 200, body = DeclarationView, description = "As it was made"),
        Problems,
    ),
)]
#[get("/people/{person}/declarations/{declaration}")]
async fn get_declaration(
    citizen: Citizen,
    deps: Data<Deps>,
    path: Id<(PersonId, DeclarationId)>,
) -> Result<Json<DeclarationView>, Problem> {
    let (person, declaration) = path.0;
    let subject = acting_for(&deps, &citizen, person).await?;
    Ok(Json(declaring::find(&deps, subject, declaration).await?))
}

/// Check in for today.
///
/// Once a local day (Asia/Shanghai): the first report stands, and posting again answers 200 with it.
#[utoipa::path(
    tag = "declarations",
    operation_id = "checkIn",
    params(
        ("person" = PersonId, Path, description = "Oneself or a dependant"),
        KeyHeader,
    ),
    request_body = CheckInReport,
    security(("session" = [])),
    responses(
        (status = 201, body = CheckInView, description = "Checked in"),
        (status = 200, body = CheckInView, description = "Was checked in already: the report that stands"),
        Problems,
    ),
)]
#[post("/people/{person}/check-ins")]
async fn check_in(
    citizen: Citizen,
    deps: Data<Deps>,
    person: Id<PersonId>,
    key: IdempotencyKey,
    body: Valid<CheckInReport>,
) -> Result<Answer, Problem> {
    let subject = acting_for(&deps, &citizen, person.0).await?;
    Ok(check_ins::check_in(&deps, subject, &key, body.0).await?)
}

/// List check-ins, newest first.
#[utoipa::path(
    tag = "declarations",
    operation_id = "listCheckIns",
    params(("person" = PersonId, Path, description = "Oneself or a dependant"), PageParams),
    security(("session" = [])),
    responses(
        (status = 200, body = Page<CheckInView>, description = "A page of check-ins"),
        Problems,
    ),
)]
#[get("/people/{person}/check-ins")]
async fn list_check_ins(
    citizen: Citizen,
    deps: Data<Deps>,
    person: Id<PersonId>,
    page: Params<PageParams>,
) -> Result<Json<Page<CheckInView>>, Problem> {
    let subject = acting_for(&deps, &citizen, person.0).await?;
    let before = page_key::<NaiveDate>(page.0.after.as_deref())?;
    Ok(Json(
        check_ins::list(&deps, subject, before, page.0.limit).await?,
    ))
}

fn page_key<T: std::str::FromStr>(after: Option<&str>) -> Result<Option<T>, Problem> {
    let unreadable = || {
        let message = Text::new("不是上一页给出的 next", "is not the `next` of a page");
        Problem::field(INVALID_REQUEST, FieldFault::new("after", "cursor", message))
    };
    after
        .map(|after| after.parse().map_err(|_| unreadable()))
        .transpose()
}
