//! The public catalogue.

use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use entity::values::SectionCode;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    catalogue, staff_routes,
    views::{SectionView, SectionsParams},
};
use crate::{
    deps::Deps,
    http::{
        body::{Id, Params},
        page::{self, Page},
        problem::{INTERNAL, Problem, Problems},
        written::Written,
    },
};

/// How long a page of the catalogue may be kept.
const PUBLISHED_FOR: &str = "public, max-age=60";

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(read)
        .configure(staff_routes::configure);
}

/// List the sections of a division, by code: when each is restricted, for whom, and what leads around it.
#[utoipa::path(
    tag = "roads",
    operation_id = "listRoadSections",
    params(SectionsParams),
    responses(
        (status = 200, body = Page<SectionView>, description = "A page of sections; may be cached, with an `ETag`"),
        (status = 304, description = "As the `ETag` in `If-None-Match` says"),
        Problems,
    ),
)]
#[get("/road-sections")]
async fn list(
    request: HttpRequest,
    deps: Data<Deps>,
    params: Params<SectionsParams>,
) -> Result<HttpResponse, Problem> {
    let after = page::key::<SectionCode>(params.0.after.as_deref())?;
    let view = catalogue::of_division(&deps, &params.0, after.as_ref()).await?;
    let written = Written::new(&view).map_err(|_| Problem::new(INTERNAL))?;
    Ok(written.answer(&request, PUBLISHED_FOR))
}

/// Read a section as it is and is to be.
#[utoipa::path(
    tag = "roads",
    operation_id = "readRoadSection",
    params(("code" = SectionCode, Path, description = "Which")),
    responses(
        (status = 200, body = SectionView, description = "The section; may be cached, with an `ETag`"),
        (status = 304, description = "As the `ETag` in `If-None-Match` says"),
        Problems,
    ),
)]
#[get("/road-sections/{code}")]
async fn read(
    request: HttpRequest,
    deps: Data<Deps>,
    code: Id<SectionCode>,
) -> Result<HttpResponse, Problem> {
    let view = catalogue::read(&deps, &code.0).await?;
    let written = Written::new(&view).map_err(|_| Problem::new(INTERNAL))?;
    Ok(written.answer(&request, PUBLISHED_FOR))
}
