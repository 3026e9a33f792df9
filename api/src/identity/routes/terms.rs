//! What is accepted at log-in.

use actix_web::{
    Responder, get,
    http::header::{CACHE_CONTROL, HeaderValue},
    web::Json,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::terms::{Document, PRIVACY, TERMS};

/// The documents to accept.
#[derive(Serialize, ToSchema)]
struct TermsView {
    /// Terms of use.
    terms: DocumentView,
    /// Privacy notice.
    privacy: DocumentView,
}

/// A document's current version.
#[derive(Serialize, ToSchema)]
struct DocumentView {
    /// What to name when accepting it.
    #[schema(example = "2026-11-23")]
    version: &'static str,
    /// In Simplified Chinese.
    zh: WordingView,
    /// In English.
    en: WordingView,
}

/// A document in one language.
#[derive(Serialize, ToSchema)]
struct WordingView {
    /// Its title.
    title: &'static str,
    /// Its text.
    text: &'static str,
}

impl From<Document> for DocumentView {
    fn from(document: Document) -> Self {
        let Document { title, text, .. } = document;
        Self {
            version: document.version,
            zh: WordingView {
                title: title.zh,
                text: text.zh,
            },
            en: WordingView {
                title: title.en,
                text: text.en,
            },
        }
    }
}

/// The terms of use and the privacy notice.
///
/// Both have to be accepted, in these versions, at every log-in.
#[utoipa::path(
    tag = "login",
    operation_id = "getTerms",
    responses((status = 200, body = TermsView, description = "The current versions")),
)]
#[get("/terms")]
pub(super) async fn current() -> impl Responder {
    let body = Json(TermsView {
        terms: TERMS.into(),
        privacy: PRIVACY.into(),
    });
    let cached = HeaderValue::from_static("public, max-age=300");
    body.customize().insert_header((CACHE_CONTROL, cached))
}
