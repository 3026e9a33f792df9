//! Venues of units: ask for a code, read what became of it, print it, show it, give it up.

use actix_web::{
    HttpResponse, get,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    post,
    web::{Data, Json},
};
use entity::values::{OrganisationId, VenueApplicationId, VenueId};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

use super::{
    applying,
    doors::Platform,
    keeping, pictures,
    reading::{self, Whose},
    staff_routes,
    views::{
        CodeReplacementRequest, PlatformPictureView, ScreenView, VenueApplicationView,
        VenueMoveRequest, VenueRequest, VenueView,
    },
};
use crate::{
    clients::PagePicture,
    credentials::qr::{Scale, png::png, svg::svg},
    deps::Deps,
    documents::Paper,
    http::{
        binary::Binary,
        body::{Id, Params, Valid},
        idempotency::{Answer, IdempotencyKey, KeyHeader},
        page::{self, Page, PageParams},
        problem::{INTERNAL, Problem, Problems},
    },
    identity::Citizen,
    organisations::UnitActor,
};

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(apply)
        .service(list)
        .service(read)
        .service(applications)
        .service(application)
        .service(own_applications)
        .service(withdraw)
        .service(relocate)
        .service(replace_code)
        .service(close)
        .service(draw_png)
        .service(draw_svg)
        .service(print)
        .service(drawn_by_wechat)
        .service(drawn_by_alipay)
        .service(screen)
        .configure(staff_routes::configure);
}

/// How to draw.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct VenuePictureParams {
    /// Pixels of a module's side.
    #[validate(range(min = 1, max = 20))]
    #[serde(default = "usual_scale")]
    #[param(minimum = 1, maximum = 20, default = 16)]
    scale: u8,
}

const fn usual_scale() -> u8 {
    16
}

/// How to print.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PosterParams {
    /// The sheet.
    #[serde(default = "usual_paper")]
    #[param(inline, default = "a4")]
    paper: PosterPaper,
}

/// The sheets that posters are printed on.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum PosterPaper {
    /// 210 by 297 millimetres.
    A4,
    /// 148 by 210 millimetres.
    A5,
}

const fn usual_paper() -> PosterPaper {
    PosterPaper::A4
}

impl From<PosterPaper> for Paper {
    fn from(paper: PosterPaper) -> Self {
        match paper {
            PosterPaper::A4 => Self::A4,
            PosterPaper::A5 => Self::A5,
        }
    }
}

/// Ask for a code for a venue.
///
/// The county or district that it lies in decides within three working days. Through the mini-program a unit
/// has, or asks for, at most 20 codes (`venue-quota-used-up`).
#[utoipa::path(
    tag = "venues",
    operation_id = "applyForVenue",
    params(("organisation" = OrganisationId, Path, description = "A unit that one acts for"), KeyHeader),
    request_body = VenueRequest,
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 201, body = VenueApplicationView, description = "Asked for"),
        Problems,
    ),
)]
#[post("/organisations/{organisation}/venues")]
async fn apply(
    unit: UnitActor,
    deps: Data<Deps>,
    key: IdempotencyKey,
    body: Valid<VenueRequest>,
) -> Result<Answer, Problem> {
    Ok(applying::apply(&deps, &unit, &key, body.0).await?)
}

/// List the venues of a unit, newest first.
#[utoipa::path(
    tag = "venues",
    operation_id = "listVenues",
    params(("organisation" = OrganisationId, Path, description = "A unit that one acts for"), PageParams),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = Page<VenueView>, description = "A page of venues"),
        Problems,
    ),
)]
#[get("/organisations/{organisation}/venues")]
async fn list(
    unit: UnitActor,
    deps: Data<Deps>,
    page: Params<PageParams>,
) -> Result<Json<Page<VenueView>>, Problem> {
    let after = page::key(page.0.after.as_deref())?;
    Ok(Json(
        reading::of_unit(&deps, &unit, after, page.0.limit).await?,
    ))
}

/// Read a venue of a unit.
#[utoipa::path(
    tag = "venues",
    operation_id = "readVenue",
    params(("organisation" = OrganisationId, Path, description = "A unit that one acts for"),
        ("venue" = VenueId, Path, description = "A venue of it")),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = VenueView, description = "The venue"),
        Problems,
    ),
)]
#[get("/organisations/{organisation}/venues/{venue}")]
async fn read(
    unit: UnitActor,
    deps: Data<Deps>,
    path: Id<(OrganisationId, VenueId)>,
) -> Result<Json<VenueView>, Problem> {
    Ok(Json(reading::one(&deps, &unit, path.0.1).await?))
}

/// List what a unit asked for at venues, and what became of it, newest first.
#[utoipa::path(
    tag = "venues",
    operation_id = "listVenueApplications",
    params(("organisation" = OrganisationId, Path, description = "A unit that one acts for"), PageParams),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = Page<VenueApplicationView>, description = "A page of applications"),
        Problems,
    ),
)]
#[get("/organisations/{organisation}/venue-applications")]
async fn applications(
    unit: UnitActor,
    deps: Data<Deps>,
    page: Params<PageParams>,
) -> Result<Json<Page<VenueApplicationView>>, Problem> {
    let after = page::key(page.0.after.as_deref())?;
    let whose = Whose::Unit(unit.organisation);
    Ok(Json(
        reading::applications(&deps, whose, after, page.0.limit).await?,
    ))
}

/// Read what a unit asked for at a venue, and what became of it.
#[utoipa::path(
    tag = "venues",
    operation_id = "readVenueApplication",
    params(("organisation" = OrganisationId, Path, description = "A unit that one acts for"),
        ("application" = VenueApplicationId, Path, description = "An application of it")),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = VenueApplicationView, description = "The application"),
        Problems,
    ),
)]
#[get("/organisations/{organisation}/venue-applications/{application}")]
async fn application(
    unit: UnitActor,
    deps: Data<Deps>,
    path: Id<(OrganisationId, VenueApplicationId)>,
) -> Result<Json<VenueApplicationView>, Problem> {
    Ok(Json(applying::find(&deps, &unit, path.0.1).await?))
}

/// List what one asked for at venues oneself, for whichever unit, newest first.
#[utoipa::path(
    tag = "venues",
    operation_id = "listOwnVenueApplications",
    params(PageParams),
    security(("session" = [])),
    responses(
        (status = 200, body = Page<VenueApplicationView>, description = "A page of applications"),
        Problems,
    ),
)]
#[get("/me/venue-applications")]
async fn own_applications(
    citizen: Citizen,
    deps: Data<Deps>,
    page: Params<PageParams>,
) -> Result<Json<Page<VenueApplicationView>>, Problem> {
    let after = page::key(page.0.after.as_deref())?;
    let whose = Whose::Person(citizen.person);
    Ok(Json(
        reading::applications(&deps, whose, after, page.0.limit).await?,
    ))
}

/// Take back what a unit asked for and nobody decided yet.
#[utoipa::path(
    tag = "venues",
    operation_id = "withdrawVenueApplication",
    params(("organisation" = OrganisationId, Path, description = "A unit that one acts for"),
        ("application" = VenueApplicationId, Path, description = "An application of it"), KeyHeader),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = VenueApplicationView, description = "Taken back"),
        Problems,
    ),
)]
#[post("/organisations/{organisation}/venue-applications/{application}/withdrawal")]
async fn withdraw(
    unit: UnitActor,
    deps: Data<Deps>,
    path: Id<(OrganisationId, VenueApplicationId)>,
    key: IdempotencyKey,
) -> Result<Answer, Problem> {
    Ok(applying::withdraw(&deps, &unit, path.0.1, &key).await?)
}

/// Ask that a venue be somewhere else from now on.
///
/// The county or district that it moves to decides. Once granted, the venue has another code: what hangs at
/// the old door counts no more.
#[utoipa::path(
    tag = "venues",
    operation_id = "moveVenue",
    params(("organisation" = OrganisationId, Path, description = "A unit that one acts for"),
        ("venue" = VenueId, Path, description = "A venue of it"), KeyHeader),
    request_body = VenueMoveRequest,
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 201, body = VenueApplicationView, description = "Asked for"),
        Problems,
    ),
)]
#[post("/organisations/{organisation}/venues/{venue}/moves")]
async fn relocate(
    unit: UnitActor,
    deps: Data<Deps>,
    path: Id<(OrganisationId, VenueId)>,
    key: IdempotencyKey,
    body: Valid<VenueMoveRequest>,
) -> Result<Answer, Problem> {
    Ok(applying::move_elsewhere(&deps, &unit, path.0.1, &key, body.0).await?)
}

/// Replace the code of a venue: it was lost or spoiled, or a picture of it goes around.
///
/// The one before counts no more, at once.
#[utoipa::path(
    tag = "venues",
    operation_id = "replaceVenueCode",
    params(("organisation" = OrganisationId, Path, description = "A unit that one acts for"),
        ("venue" = VenueId, Path, description = "A venue of it"), KeyHeader),
    request_body = CodeReplacementRequest,
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = VenueView, description = "Replaced"),
        Problems,
    ),
)]
#[post("/organisations/{organisation}/venues/{venue}/code-replacements")]
async fn replace_code(
    unit: UnitActor,
    deps: Data<Deps>,
    path: Id<(OrganisationId, VenueId)>,
    key: IdempotencyKey,
    body: Valid<CodeReplacementRequest>,
) -> Result<Answer, Problem> {
    Ok(keeping::replace_code(&deps, &unit, path.0.1, &key, body.0).await?)
}

/// Give up a venue and its code, for good.
///
/// Refused while an application about it waits for a decision.
#[utoipa::path(
    tag = "venues",
    operation_id = "closeVenue",
    params(("organisation" = OrganisationId, Path, description = "A unit that one acts for"),
        ("venue" = VenueId, Path, description = "A venue of it"), KeyHeader),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = VenueView, description = "Closed"),
        Problems,
    ),
)]
#[post("/organisations/{organisation}/venues/{venue}/closure")]
async fn close(
    unit: UnitActor,
    deps: Data<Deps>,
    path: Id<(OrganisationId, VenueId)>,
    key: IdempotencyKey,
) -> Result<Answer, Problem> {
    Ok(keeping::close(&deps, &unit, path.0.1, &key).await?)
}

/// Draw the code of a venue as PNG.
#[utoipa::path(
    tag = "venues",
    operation_id = "drawVenueCodePng",
    params(("organisation" = OrganisationId, Path, description = "A unit that one acts for"),
        ("venue" = VenueId, Path, description = "A venue of it"), VenuePictureParams),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = Binary, content_type = "image/png", description = "Black on white, with its quiet zone"),
        Problems,
    ),
)]
#[get("/organisations/{organisation}/venues/{venue}/code.png")]
async fn draw_png(
    unit: UnitActor,
    deps: Data<Deps>,
    path: Id<(OrganisationId, VenueId)>,
    picture: Params<VenuePictureParams>,
) -> Result<HttpResponse, Problem> {
    let matrix = pictures::matrix(&deps, &unit, path.0.1).await?;
    let scale = Scale::new(picture.0.scale).unwrap_or_default();
    Ok(file("image/png", path.0.1, "png", png(&matrix, scale)))
}

/// Draw the code of a venue as SVG.
#[utoipa::path(
    tag = "venues",
    operation_id = "drawVenueCodeSvg",
    params(("organisation" = OrganisationId, Path, description = "A unit that one acts for"),
        ("venue" = VenueId, Path, description = "A venue of it")),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = String, content_type = "image/svg+xml", description = "Black on white, with its quiet zone"),
        Problems,
    ),
)]
#[get("/organisations/{organisation}/venues/{venue}/code.svg")]
async fn draw_svg(
    unit: UnitActor,
    deps: Data<Deps>,
    path: Id<(OrganisationId, VenueId)>,
) -> Result<HttpResponse, Problem> {
    let matrix = pictures::matrix(&deps, &unit, path.0.1).await?;
    Ok(file(
        "image/svg+xml",
        path.0.1,
        "svg",
        svg(&matrix).into_bytes(),
    ))
}

/// Print the code of a venue as a poster, with its name, its kind and what to do, in Chinese and English.
#[utoipa::path(
    tag = "venues",
    operation_id = "printVenuePoster",
    params(("organisation" = OrganisationId, Path, description = "A unit that one acts for"),
        ("venue" = VenueId, Path, description = "A venue of it"), PosterParams),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = Binary, content_type = "application/pdf", description = "The poster"),
        Problems,
    ),
)]
#[get("/organisations/{organisation}/venues/{venue}/poster")]
async fn print(
    unit: UnitActor,
    deps: Data<Deps>,
    path: Id<(OrganisationId, VenueId)>,
    print: Params<PosterParams>,
) -> Result<HttpResponse, Problem> {
    let pdf = pictures::poster(&deps, &unit, path.0.1, print.0.paper.into()).await?;
    Ok(file("application/pdf", path.0.1, "pdf", pdf))
}

/// Have WeChat draw the code of a venue: scanned with WeChat, it opens the mini-program on the page that
/// registers a visit, which gets the code as `scene`.
#[utoipa::path(
    tag = "venues",
    operation_id = "drawVenueCodeByWeChat",
    params(("organisation" = OrganisationId, Path, description = "A unit that one acts for"),
        ("venue" = VenueId, Path, description = "A venue of it")),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, description = "The picture: PNG or, where WeChat likes, JPEG", content(
            (Binary = "image/png"),
            (Binary = "image/jpeg"),
        )),
        Problems,
    ),
)]
#[get("/organisations/{organisation}/venues/{venue}/code/wechat")]
async fn drawn_by_wechat(
    unit: UnitActor,
    deps: Data<Deps>,
    path: Id<(OrganisationId, VenueId)>,
) -> Result<HttpResponse, Problem> {
    let drawn = pictures::drawn_by(Platform::Wechat, &deps, &unit, path.0.1).await?;
    let PagePicture::Drawn(picture) = drawn else {
        return Err(Problem::new(INTERNAL));
    };
    let (kind, ending) = if picture.starts_with(b"\xff\xd8") {
        ("image/jpeg", "jpg")
    } else {
        ("image/png", "png")
    };
    Ok(file(kind, path.0.1, ending, picture.to_vec()))
}

/// Have Alipay draw the code of a venue: scanned with Alipay, it opens the mini-program on the page that
/// registers a visit, which gets the code in its query as `code`.
#[utoipa::path(
    tag = "venues",
    operation_id = "drawVenueCodeByAlipay",
    params(("organisation" = OrganisationId, Path, description = "A unit that one acts for"),
        ("venue" = VenueId, Path, description = "A venue of it")),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = PlatformPictureView, description = "Where Alipay serves the picture"),
        Problems,
    ),
)]
#[get("/organisations/{organisation}/venues/{venue}/code/alipay")]
async fn drawn_by_alipay(
    unit: UnitActor,
    deps: Data<Deps>,
    path: Id<(OrganisationId, VenueId)>,
) -> Result<Json<PlatformPictureView>, Problem> {
    let drawn = pictures::drawn_by(Platform::Alipay, &deps, &unit, path.0.1).await?;
    let PagePicture::At(address) = drawn else {
        return Err(Problem::new(INTERNAL));
    };
    Ok(Json(PlatformPictureView {
        picture_url: address.into(),
    }))
}

/// Read what the screen of a venue shows now: a code that changes twice a minute, and the word of the minute.
///
/// Who scans such a code was there; a picture of it is refused within a minute.
#[utoipa::path(
    tag = "venues",
    operation_id = "readVenueScreen",
    params(("organisation" = OrganisationId, Path, description = "A unit that one acts for"),
        ("venue" = VenueId, Path, description = "A venue of it")),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = ScreenView, description = "What to show, and until when"),
        Problems,
    ),
)]
#[get("/organisations/{organisation}/venues/{venue}/screen")]
async fn screen(
    unit: UnitActor,
    deps: Data<Deps>,
    path: Id<(OrganisationId, VenueId)>,
) -> Result<Json<ScreenView>, Problem> {
    Ok(Json(pictures::screen(&deps, &unit, path.0.1).await?))
}

/// A file that is called after the venue.
fn file(kind: &'static str, venue: VenueId, ending: &str, bytes: Vec<u8>) -> HttpResponse {
    let named = format!("inline; filename=\"venue-{venue}.{ending}\"");
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CONTENT_DISPOSITION, named))
        .body(bytes)
}
