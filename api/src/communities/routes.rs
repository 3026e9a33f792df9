//! The public directory.

use std::str::FromStr;

use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use entity::values::{Community, CommunityError, Division};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    directory, staff_routes,
    views::{CommunityView, DirectoryView},
};
use crate::{
    deps::Deps,
    http::{
        body::{Id, Params},
        page::{self, PageParams},
        problem::{INTERNAL, Problem, Problems},
        written::Written,
    },
};

/// A telephone may change at any time.
const PUBLISHED_FOR: &str = "public, max-age=60";

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(read_directory)
        .service(read_community)
        .configure(staff_routes::configure);
}

/// Where a page of communities begins: after this one.
pub(super) struct After(pub(super) Community);

impl FromStr for After {
    type Err = CommunityError;

    fn from_str(key: &str) -> Result<Self, CommunityError> {
        Community::try_from(key.to_owned()).map(Self)
    }
}

/// Read where people of a division apply for passes, and where they complain.
///
/// Made for counties and districts. A larger division answers with the communities of all that lies
/// in it, and with its own complaint line and those above.
#[utoipa::path(
    tag = "communities",
    operation_id = "readDirectory",
    params(("code" = Division, Path, description = "Which division"), PageParams),
    responses(
        (status = 200, body = DirectoryView, description = "A page of the directory; may be cached, with an `ETag`"),
        (status = 304, description = "As the `ETag` in `If-None-Match` says"),
        Problems,
    ),
)]
#[get("/regions/{code}/directory")]
async fn read_directory(
    request: HttpRequest,
    deps: Data<Deps>,
    code: Id<Division>,
    page: Params<PageParams>,
) -> Result<HttpResponse, Problem> {
    let after = page::key::<After>(page.0.after.as_deref())?.map(|after| after.0);
    let view = directory::of_division(&deps, &code.0, after.as_ref(), page.0.limit).await?;
    let written = Written::new(&view).map_err(|_| Problem::new(INTERNAL))?;
    Ok(written.answer(&request, PUBLISHED_FOR))
}

/// Read where one community handles passes, also after it closed.
#[utoipa::path(
    tag = "communities",
    operation_id = "readCommunity",
    params(("code" = Community, Path, description = "Which")),
    responses(
        (status = 200, body = CommunityView, description = "The community; may be cached, with an `ETag`"),
        (status = 304, description = "As the `ETag` in `If-None-Match` says"),
        Problems,
    ),
)]
#[get("/communities/{code}")]
async fn read_community(
    request: HttpRequest,
    deps: Data<Deps>,
    code: Id<Community>,
) -> Result<HttpResponse, Problem> {
    let view = directory::read(&deps, &code.0).await?;
    let written = Written::new(&view).map_err(|_| Problem::new(INTERNAL))?;
    Ok(written.answer(&request, PUBLISHED_FOR))
}
