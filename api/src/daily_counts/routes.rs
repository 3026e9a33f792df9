//! Daily counts as everybody reads them.

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Json},
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

use super::{
    error::Error,
    reading,
    views::{self, DailyCountsView, DayView},
};
use crate::{
    deps::Deps,
    http::{
        body::{Id, Params},
        page::{self, Page},
        problem::{INTERNAL, Problem, Problems},
        table,
        verifications::Counted,
        written::Written,
    },
    transparency::offline::Proof,
};

/// What is told of a day never changes.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";

/// A day is added once a day.
const FOR_A_WHILE: &str = "public, max-age=300";

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(list).service(read).service(prove);
}

/// Which days.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DaysParams {
    /// The first local day; all if it is left out.
    #[param(nullable = false)]
    from: Option<NaiveDate>,
    /// `next` of the page before; absent for the first.
    #[validate(length(min = 1, max = 64))]
    #[param(min_length = 1, max_length = 64, nullable = false)]
    after: Option<String>,
    /// Entries of a page, at the most.
    #[validate(range(min = 1, max = 100))]
    #[serde(default = "page::usual")]
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: u64,
}

/// List the days of which it is told how many people showed which colour, newest first.
#[utoipa::path(
    tag = "transparency",
    operation_id = "listDailyCounts",
    params(DaysParams),
    responses(
        (status = 200, body = Page<DayView>, description = "A page of days, with what signs each; may be cached, with an `ETag`"),
        (status = 304, description = "As the `ETag` in `If-None-Match` says"),
        Problems,
    ),
)]
#[get("/daily-counts")]
async fn list(
    _: Counted,
    request: HttpRequest,
    deps: Data<Deps>,
    params: Params<DaysParams>,
) -> Result<HttpResponse, Problem> {
    let params = params.0;
    let before = page::key::<NaiveDate>(params.after.as_deref())?;
    let view = reading::list(&deps, params.from, before, params.limit).await?;
    let written = Written::new(&view).map_err(|_| Problem::new(INTERNAL))?;
    Ok(written.answer(&request, FOR_A_WHILE))
}

/// How a day is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum DailyCountsFormat {
    /// The document with what signs it.
    #[default]
    Json,
    /// For spreadsheets: a line for each number. What is withheld is an asterisk, what is missing is nought.
    Csv,
}

/// How.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DayParams {
    /// How it is written.
    #[serde(default)]
    #[param(inline)]
    format: DailyCountsFormat,
}

/// How many people showed which colour when a day was over, and how many came to show it that day for what.
///
/// By county, prefecture and province. Numbers of a few people are withheld, and so are those from which they could
/// be worked out. The note is signed by a key for the log, and an entry of the log says the same digest, so that
/// nobody publishes other numbers later.
#[utoipa::path(
    tag = "transparency",
    operation_id = "getDailyCounts",
    params(("day" = NaiveDate, Path, description = "The local day"), DayParams),
    responses(
        (status = 200, description = "The counts; they never change, and have an `ETag`", content(
            (DailyCountsView = "application/json"),
            (String = "text/csv"),
        )),
        (status = 304, description = "As the `ETag` in `If-None-Match` says"),
        Problems,
    ),
)]
#[get("/daily-counts/{day}")]
async fn read(
    _: Counted,
    request: HttpRequest,
    deps: Data<Deps>,
    day: Id<NaiveDate>,
    params: Params<DayParams>,
) -> Result<HttpResponse, Problem> {
    let view = reading::read(&deps, day.0).await?;
    let written = match params.0.format {
        DailyCountsFormat::Json => Written::new(&view).map_err(|_| Problem::new(INTERNAL))?,
        DailyCountsFormat::Csv => {
            let bytes = table::csv(&views::table(&view.document)).map_err(Error::from)?;
            Written::of(bytes, "text/csv; charset=utf-8")
        }
    };
    Ok(written.answer(&request, FOR_GOOD))
}

/// The proof that the log holds the digest of what is told of a day.
///
/// There is none in the first seconds. `tongxing verify-log` verifies one without asking anybody.
#[utoipa::path(
    tag = "transparency",
    operation_id = "proveDailyCounts",
    params(("day" = NaiveDate, Path, description = "The local day")),
    responses((status = 200, body = Proof, description = "The proof"), Problems),
)]
#[get("/daily-counts/{day}/log-proof")]
async fn prove(_: Counted, deps: Data<Deps>, day: Id<NaiveDate>) -> Result<Json<Proof>, Problem> {
    Ok(Json(reading::prove(&deps, day.0).await?))
}
