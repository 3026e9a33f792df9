//! Dependants.

use actix_web::{
    HttpResponse, delete, get, post,
    web::{Data, Json},
};
use chrono::{DateTime, Utc};
use entity::{
    guardianship::Relationship,
    values::{Document, DocumentKind, PersonId, PersonName},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::super::{
    actors::Citizen,
    error::Error,
    service::{
        dependants::{self, Dependant},
        real_name::Claim,
    },
};
use crate::{
    deps::Deps,
    http::{
        body::{Id, Valid},
        idempotency::{Answer, IdempotencyKey, KeyHeader, Outcome, given_before, once},
        problem::{Problem, Problems},
    },
};

/// A new dependant.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct DependantRequest {
    /// Name as on the document.
    #[validate(length(min = 1, max = 50))]
    #[schema(min_length = 1, max_length = 50, example = "李秀英")]
    name: String,
    /// Kind of document.
    document_kind: DocumentKind,
    /// Its number.
    #[validate(length(min = 1, max = 32))]
    #[schema(min_length = 1, max_length = 32, example = "11010519491231002X")]
    document_number: String,
    /// What the dependant is to oneself.
    relationship: Relationship,
}

/// Somebody whom one acts for.
#[derive(Serialize, ToSchema)]
struct DependantView {
    /// Who.
    person_id: PersonId,
    /// Name, masked.
    #[schema(example = "张*三")]
    name: Option<String>,
    /// Kind of document.
    document_kind: Option<DocumentKind>,
    /// Number of the document, masked.
    #[schema(example = "310101********0019")]
    document_number: Option<String>,
    /// What the dependant is to oneself.
    relationship: Relationship,
    /// Since when.
    since: DateTime<Utc>,
}

impl From<Dependant> for DependantView {
    fn from(dependant: Dependant) -> Self {
        let Dependant {
            guardianship,
            profile,
        } = dependant;
        let document = profile.document.as_ref();
        Self {
            person_id: profile.id,
            name: profile.name.as_ref().map(PersonName::masked),
            document_kind: document.map(Document::kind),
            document_number: document.map(Document::masked),
            relationship: guardianship.relationship,
            since: guardianship.created_at,
        }
    }
}

/// Whom one acts for, in the order they were added.
#[utoipa::path(
    tag = "people",
    operation_id = "listDependants",
    security(("session" = [])),
    responses(
        (status = 200, body = [DependantView], description = "The dependants, five at the most"),
        Problems,
    ),
)]
#[get("/dependants")]
pub(super) async fn list(
    citizen: Citizen,
    deps: Data<Deps>,
) -> Result<Json<Vec<DependantView>>, Problem> {
    let dependants = dependants::list(&deps, &citizen).await?;
    Ok(Json(
        dependants.into_iter().map(DependantView::from).collect(),
    ))
}

/// The use case that an idempotency key is good in.
const ADD: &str = "addDependant";

/// Add somebody to act for: up to five elders and children.
///
/// A child is younger than 18, an elder 60 or older, where the document says when they were born. One's own
/// identity has to be verified first. Name and document are compared with the population
/// registry.
#[utoipa::path(
    tag = "people",
    operation_id = "addDependant",
    params(KeyHeader),
    request_body = DependantRequest,
    security(("session" = [])),
    responses(
        (status = 201, body = DependantView, description = "Added"),
        Problems,
    ),
)]
#[post("/dependants")]
pub(super) async fn add(
    citizen: Citizen,
    deps: Data<Deps>,
    key: IdempotencyKey,
    body: Valid<DependantRequest>,
) -> Result<Answer, Problem> {
    let Valid(body) = body;
    let claim = Claim::read(&deps, &body.name, body.document_kind, &body.document_number)?;
    let caller = citizen.person.0.into_bytes();
    if let Some(answer) = given_before(&deps, &caller, ADD, &key, &body).await? {
        return Ok(answer);
    }
    dependants::vouch(&deps, &citizen, &claim, body.relationship).await?;
    let answer = once(&deps, &caller, ADD, &key, &body, async |tx| {
        let added = dependants::add(tx, &deps, &citizen, &claim, body.relationship).await?;
        Ok::<_, Error>((Outcome::Created, DependantView::from(added)))
    })
    .await?;
    deps.recheck.wake();
    Ok(answer)
}

/// Stop acting for somebody. What was recorded of them stays.
#[utoipa::path(
    tag = "people",
    operation_id = "removeDependant",
    params(("person" = PersonId, Path, description = "Whom")),
    security(("session" = [])),
    responses(
        (status = 204, description = "Removed"),
        Problems,
    ),
)]
#[delete("/dependants/{person}")]
pub(super) async fn remove(
    citizen: Citizen,
    deps: Data<Deps>,
    person: Id<PersonId>,
) -> Result<HttpResponse, Problem> {
    dependants::remove(&deps, &citizen, person.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
