//! What the camera of a phone shows that opens a printed code by itself.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, ContentType},
    web::{ServiceConfig, get},
};

/// The same for every code: nothing is looked up, and nothing is noted.
const PAGE: &str = include_str!("data/page.html");

/// Mount the page, below which every printed code lies (`venues.address`). It is for people, and no part of the
/// API.
pub fn page(config: &mut ServiceConfig) {
    config.route("/v/{code}", get().to(shown));
}

async fn shown() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .content_type(ContentType::html())
        .body(PAGE)
}
