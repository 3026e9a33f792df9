//! Visits as the unit sees them, and those that its staff write down.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::LINK,
    post,
    web::{Data, Json},
};
use chrono::NaiveDate;
use entity::values::{Colour, DocumentKind, OrganisationId, VenueId};
use serde::Deserialize;
use url::form_urlencoded;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

use super::{
    arrival::GuestWords,
    by_hand::{self, Known},
    error::Error,
    records::{self, Asked, By},
    routes::refusal,
    tables,
    views::{CountView, HandView, RecordView},
};
use crate::{
    deps::Deps,
    http::{
        binary::Binary,
        body::{Id, Params, Valid},
        page::{self, Page},
        problem::{Language, Problem, Problems},
        table::{self, Format, Table},
    },
    organisations::UnitActor,
};

/// Lines of a spreadsheet of visits where nothing else is said.
const SHEET: u64 = 2_000;

/// Mount the routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(write_down)
        .service(today)
        .service(hours)
        .service(days)
        .service(visits);
}

/// A document that lies before the staff.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct DocumentBefore {
    /// Its kind.
    document_kind: DocumentKind,
    /// Its number.
    #[validate(length(min = 1, max = 32))]
    #[schema(min_length = 1, max_length = 32)]
    document_number: String,
}

/// What somebody says whom we do not know.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct GuestBefore {
    /// What they are called.
    #[validate(length(min = 1, max = 50))]
    #[schema(min_length = 1, max_length = 50)]
    name: String,
    /// How to reach them, or the number of their document.
    #[validate(length(min = 1, max = 50))]
    #[schema(min_length = 1, max_length = 50)]
    contact: String,
}

/// Whom staff write down: one of these.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct HandRequest {
    /// By the document that lies before the staff.
    #[validate(nested)]
    document: Option<DocumentBefore>,
    /// By the phone number that they say.
    #[validate(length(min = 1, max = 20))]
    #[schema(min_length = 1, max_length = 20)]
    phone: Option<String>,
    /// By words, where nobody is known by either.
    #[validate(nested)]
    guest: Option<GuestBefore>,
}

impl HandRequest {
    /// By what the visitor is known, if that is said once.
    fn known(self) -> Option<Known> {
        match (self.document, self.phone, self.guest) {
            (Some(document), None, None) => Some(Known::Document(
                document.document_kind,
                document.document_number,
            )),
            (None, Some(phone), None) => Some(Known::Phone(phone)),
            (None, None, Some(GuestBefore { name, contact })) => {
                Some(Known::Words(GuestWords { name, contact }))
            }
            _ => None,
        }
    }
}

/// Write down a visitor who has no phone with them.
///
/// By their document or phone number, where we know whose it is: the answer says what their code shows.
/// Otherwise `visitor-unknown`: then by their name and how to reach them, sealed with a key that is
/// destroyed with the day. Whoever is written down again within the window is there still, so this takes
/// no `Idempotency-Key`.
///
/// A unit looks up 300 people an hour at the most, and each look-up is on record. A phone number is said,
/// not shown: it vouches for nobody's presence.
#[utoipa::path(
    tag = "visits",
    operation_id = "registerVisitByHand",
    params(
        ("organisation" = OrganisationId, Path, description = "Which unit"),
        ("venue" = VenueId, Path, description = "Which venue"),
    ),
    request_body = HandRequest,
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = HandView, description = "On record"),
        Problems,
    ),
)]
#[post("/organisations/{organisation}/venues/{venue}/visits")]
async fn write_down(
    unit: UnitActor,
    deps: Data<Deps>,
    path: Id<(OrganisationId, VenueId)>,
    body: Valid<HandRequest>,
    language: Language,
) -> Result<Json<HandView>, Problem> {
    let known = body.0.known().ok_or(Error::NotOne)?;
    let written = by_hand::write_down(&deps, &unit, path.0.1, known, language).await;
    Ok(Json(written.map_err(refusal)?))
}

/// Count today's visitors so far.
///
/// As of the last commit, for a screen that asks every few seconds.
#[utoipa::path(
    tag = "visits",
    operation_id = "countVisitorsToday",
    params(
        ("organisation" = OrganisationId, Path, description = "Which unit"),
        ("venue" = VenueId, Path, description = "Which venue"),
    ),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = CountView, description = "How many came"),
        Problems,
    ),
)]
#[get("/organisations/{organisation}/venues/{venue}/records/today")]
async fn today(
    unit: UnitActor,
    deps: Data<Deps>,
    path: Id<(OrganisationId, VenueId)>,
) -> Result<Json<CountView>, Problem> {
    let today = deps.clock.today();
    let counts = records::counts(&deps, &unit, path.0.1, today..=today, By::Day).await?;
    Ok(Json(counts.into_iter().next().ok_or(Error::NotFound)?))
}

/// Which day, and how.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DayParams {
    /// The local day.
    day: NaiveDate,
    /// How it is written. Absent: as `Accept` asks for.
    format: Option<Format>,
}

/// Count the visitors of a day, hour by hour and by colour.
///
/// Hours in which nobody came are left out.
#[utoipa::path(
    tag = "visits",
    operation_id = "countVisitorsByHour",
    params(
        ("organisation" = OrganisationId, Path, description = "Which unit"),
        ("venue" = VenueId, Path, description = "Which venue"),
        DayParams,
    ),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, description = "How many came", content(
            (Vec<CountView> = "application/json"),
            (String = "text/csv"),
            (Binary = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        Problems,
    ),
)]
#[get("/organisations/{organisation}/venues/{venue}/records/hours")]
async fn hours(
    unit: UnitActor,
    request: HttpRequest,
    deps: Data<Deps>,
    path: Id<(OrganisationId, VenueId)>,
    params: Params<DayParams>,
) -> Result<HttpResponse, Problem> {
    let DayParams { day, format } = params.0;
    let counts = records::counts(&deps, &unit, path.0.1, day..=day, By::Hour).await?;
    let format = format.unwrap_or_else(|| Format::asked_for_in(request.headers()));
    let table = || tables::of_counts(&counts, Language::asked_for_in(request.headers()));
    Ok(answer(&deps, format, "hours", &counts, table)?)
}

/// Which days, and how.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PeriodParams {
    /// The first local day.
    from: NaiveDate,
    /// The last one, within 31 days.
    to: NaiveDate,
    /// How it is written. Absent: as `Accept` asks for.
    format: Option<Format>,
}

/// Count visitors day by day and by colour.
#[utoipa::path(
    tag = "visits",
    operation_id = "countVisitorsByDay",
    params(
        ("organisation" = OrganisationId, Path, description = "Which unit"),
        ("venue" = VenueId, Path, description = "Which venue"),
        PeriodParams,
    ),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, description = "How many came", content(
            (Vec<CountView> = "application/json"),
            (String = "text/csv"),
            (Binary = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        Problems,
    ),
)]
#[get("/organisations/{organisation}/venues/{venue}/records/days")]
async fn days(
    unit: UnitActor,
    request: HttpRequest,
    deps: Data<Deps>,
    path: Id<(OrganisationId, VenueId)>,
    params: Params<PeriodParams>,
) -> Result<HttpResponse, Problem> {
    let PeriodParams { from, to, format } = params.0;
    let counts = records::counts(&deps, &unit, path.0.1, from..=to, By::Day).await?;
    let format = format.unwrap_or_else(|| Format::asked_for_in(request.headers()));
    let table = || tables::of_counts(&counts, Language::asked_for_in(request.headers()));
    Ok(answer(&deps, format, "days", &counts, table)?)
}

/// Which visits, and how.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RecordParams {
    /// The local day, no longer ago than visits are kept.
    day: NaiveDate,
    /// Only those who showed this.
    colour: Option<Colour>,
    /// `next` of the page before; absent for the first.
    #[validate(length(min = 1, max = 64))]
    #[param(min_length = 1, max_length = 64)]
    after: Option<String>,
    /// Entries of a page, at the most. Absent: 20, and 2000 of a spreadsheet.
    #[validate(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u64>,
    /// How the page is written. Absent: as `Accept` asks for.
    format: Option<Format>,
}

/// List the visits of a day, newest first.
///
/// Names are masked. A spreadsheet holds one page as well, of 2000 lines where nothing else is said; its header
/// `Link` (RFC 8288) says where the next one is.
#[utoipa::path(
    tag = "visits",
    operation_id = "listVisits",
    params(
        ("organisation" = OrganisationId, Path, description = "Which unit"),
        ("venue" = VenueId, Path, description = "Which venue"),
        RecordParams,
    ),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, description = "A page of visits", content(
            (Page<RecordView> = "application/json"),
            (String = "text/csv"),
            (Binary = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        Problems,
    ),
)]
#[get("/organisations/{organisation}/venues/{venue}/records/visits")]
async fn visits(
    unit: UnitActor,
    request: HttpRequest,
    deps: Data<Deps>,
    path: Id<(OrganisationId, VenueId)>,
    params: Params<RecordParams>,
) -> Result<HttpResponse, Problem> {
    let RecordParams {
        day,
        colour,
        after,
        limit,
        format,
    } = params.0;
    let format = format.unwrap_or_else(|| Format::asked_for_in(request.headers()));
    let usual = if format == Format::Json {
        page::usual()
    } else {
        SHEET
    };
    let asked = Asked {
        day,
        colour,
        after: page::key(after.as_deref())?,
        limit: limit.unwrap_or(usual),
    };
    let found = records::visits(&deps, &unit, path.0.1, asked).await?;
    let table = || tables::of_visits(&found.items, Language::asked_for_in(request.headers()));
    let mut response = answer(&deps, format, "visits", &found, table)?;
    if let Some(next) = found.next.as_deref().filter(|_| format != Format::Json)
        && let Ok(link) = link_to(request.query_string(), next).parse()
    {
        response.headers_mut().insert(LINK, link);
    }
    Ok(response)
}

/// What leads to the page of `query` after `next`.
fn link_to(query: &str, next: &str) -> String {
    let before = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "after");
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(before)
        .append_pair("after", next)
        .finish();
    format!("<?{query}>; rel=\"next\"")
}

fn answer<T: serde::Serialize>(
    deps: &Deps,
    format: Format,
    name: &str,
    records: &T,
    table: impl FnOnce() -> Table,
) -> Result<HttpResponse, Error> {
    Ok(match format {
        Format::Json => HttpResponse::Ok().json(records),
        Format::Csv => table::file(name, format, table::csv(&table())?),
        Format::Xlsx => table::file(name, format, table::xlsx(&table(), deps.clock.now())?),
    })
}
