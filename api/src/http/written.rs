//! Answers that are written once and fetched often.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, EntityTag, Header as _, IfNoneMatch},
    web::Bytes,
};
use aws_lc_rs::digest::{SHA256, digest};
use serde::Serialize;

/// An answer that whoever has it need not fetch again.
#[derive(Debug)]
pub struct Written {
    body: Bytes,
    tag: EntityTag,
    media_type: &'static str,
}

impl Written {
    /// `view`, as it is answered.
    pub fn new(view: &impl Serialize) -> serde_json::Result<Self> {
        Ok(Self::of(serde_json::to_vec(view)?, "application/json"))
    }

    /// `body`, which is `media_type`.
    #[must_use]
    pub fn of(body: Vec<u8>, media_type: &'static str) -> Self {
        let hash = digest(&SHA256, &body);
        let tag = EntityTag::new_weak(hex::encode(hash.as_ref().get(..12).unwrap_or_default()));
        Self {
            body: body.into(),
            tag,
            media_type,
        }
    }

    /// Answer with it, or with 304 if whoever asks has it.
    #[must_use]
    pub fn answer(&self, request: &HttpRequest, control: &'static str) -> HttpResponse {
        let has_it = match IfNoneMatch::parse(request) {
            Ok(IfNoneMatch::Any) => true,
            Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&self.tag)),
            Err(_) => false,
        };
        let mut response = if has_it {
            HttpResponse::NotModified()
        } else {
            HttpResponse::Ok()
        };
        response
            .insert_header((ETAG, self.tag.clone()))
            .insert_header((CACHE_CONTROL, control));
        if has_it {
            return response.finish();
        }
        response
            .insert_header((CONTENT_TYPE, self.media_type))
            .body(self.body.clone())
    }
}
