//! Oneself.

use actix_web::{
    get, put,
    web::{Data, Json},
};
use chrono::{DateTime, Utc};
use entity::{
    consent,
    values::{Document, DocumentKind, PersonId, PersonName, Phone},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::super::{
    actors::Citizen,
    service::{
        profile::{self, Profile},
        real_name::{self, Claim},
    },
    terms::{PRIVACY, TERMS},
};
use crate::{
    deps::Deps,
    http::{
        body::Valid,
        problem::{Problem, Problems},
    },
};

/// A name and a document.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct IdentityRequest {
    /// Name as on the document.
    #[validate(length(min = 1, max = 50))]
    #[schema(min_length = 1, max_length = 50, example = "张小明")]
    name: String,
    /// Kind of document.
    document_kind: DocumentKind,
    /// Its number.
    #[validate(length(min = 1, max = 32))]
    #[schema(min_length = 1, max_length = 32, example = "310101199003070019")]
    document_number: String,
}

/// A verified identity, masked.
#[derive(Serialize, ToSchema)]
struct IdentityView {
    /// Name, masked.
    #[schema(example = "张*三")]
    name: Option<String>,
    /// Kind of document.
    document_kind: Option<DocumentKind>,
    /// Number of the document, masked.
    #[schema(example = "310101********0019")]
    document_number: Option<String>,
    /// When the registry vouched for both.
    verified_at: Option<DateTime<Utc>>,
}

impl From<&Profile> for IdentityView {
    fn from(profile: &Profile) -> Self {
        let document = profile.document.as_ref();
        Self {
            name: profile.name.as_ref().map(PersonName::masked),
            document_kind: document.map(Document::kind),
            document_number: document.map(Document::masked),
            verified_at: profile.verified_at,
        }
    }
}

/// Oneself.
#[derive(Serialize, ToSchema)]
struct MeView {
    /// Who.
    person_id: PersonId,
    /// Mobile number, masked.
    #[schema(example = "138****8000")]
    phone: Option<String>,
    /// Whether the registry vouched for name and document.
    verified: bool,
    /// What it vouched for.
    identity: Option<IdentityView>,
    /// What was accepted, oldest first.
    consents: Vec<ConsentView>,
}

/// A version that was accepted.
#[derive(Serialize, ToSchema)]
struct ConsentView {
    /// `terms` or `privacy`.
    #[schema(example = "terms")]
    document: String,
    /// Which version.
    #[schema(example = "2026-11-23")]
    version: String,
    /// When.
    accepted_at: DateTime<Utc>,
    /// Whether it is the current version.
    current: bool,
}

impl From<consent::Model> for ConsentView {
    fn from(consent: consent::Model) -> Self {
        let current = [TERMS, PRIVACY]
            .iter()
            .any(|doc| doc.name == consent.document && doc.version == consent.version);
        Self {
            current,
            document: consent.document,
            version: consent.version,
            accepted_at: consent.accepted_at,
        }
    }
}

/// What is known of oneself, masked.
#[utoipa::path(
    tag = "people",
    operation_id = "getMe",
    security(("session" = [])),
    responses(
        (status = 200, body = MeView, description = "Oneself"),
        Problems,
    ),
)]
#[get("/me")]
pub(super) async fn me(citizen: Citizen, deps: Data<Deps>) -> Result<Json<MeView>, Problem> {
    let (profile, consents) = profile::own(&deps, &citizen).await?;
    let verified = profile.verified_at.is_some();
    Ok(Json(MeView {
        person_id: profile.id,
        phone: profile.phone.as_ref().map(Phone::masked),
        verified,
        identity: verified.then(|| IdentityView::from(&profile)),
        consents: consents.into_iter().map(ConsentView::from).collect(),
    }))
}

/// Verify one's own identity.
///
/// Name and document are compared with the population registry. Once verified an identity does not
/// change; saying the same again is answered in the same way.
#[utoipa::path(
    tag = "people",
    operation_id = "verifyIdentity",
    request_body = IdentityRequest,
    security(("session" = [])),
    responses(
        (status = 200, body = IdentityView, description = "Verified"),
        Problems,
    ),
)]
#[put("/me/identity")]
pub(super) async fn verify_identity(
    citizen: Citizen,
    deps: Data<Deps>,
    body: Valid<IdentityRequest>,
) -> Result<Json<IdentityView>, Problem> {
    let Valid(body) = body;
    let claim = Claim::read(&deps, &body.name, body.document_kind, &body.document_number)?;
    let profile = real_name::verify(&deps, &citizen, &claim).await?;
    Ok(Json(IdentityView::from(&profile)))
}
