//! Reports for reviewers, administrators and auditors.

use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

use super::{
    error::Error,
    making::{Asked, Report, Which, make},
    rules::{By, Level, Period},
    views::{self, ComplaintReport, PassCardReport},
};
use crate::{
    deps::Deps,
    http::{
        binary::Binary,
        body::Params,
        problem::{Language, Problem, Problems},
        table::{self, Format},
    },
    staff::Staff,
};

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(pass_cards).service(complaints);
}

/// Which days and places, and how.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReportParams {
    /// The first local day: of a calendar month, a quarter or a year.
    from: NaiveDate,
    /// The last one of the same month, quarter or year, which is over. Days are counted one by one in
    /// one month.
    to: NaiveDate,
    /// What is counted together.
    level: Level,
    /// Whether days are counted one by one.
    #[serde(default)]
    by: By,
    /// How it is written. Absent: as `Accept` asks for.
    format: Option<Format>,
}

/// Report on health pass cards: what was filed, decided, late, refused and complained of.
///
/// Of the places of one's area. Numbers of a few people are withheld, and so are those from which they
/// could be worked out; whoever asks, the same ones.
#[utoipa::path(
    tag = "reports",
    operation_id = "reportPassCards",
    params(ReportParams),
    security(("staff" = [])),
    responses(
        (status = 200, description = "The report", content(
            (PassCardReport = "application/json"),
            (String = "text/csv"),
            (Binary = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        Problems,
    ),
)]
#[get("/staff/reports/pass-cards")]
async fn pass_cards(
    staff: Staff,
    deps: Data<Deps>,
    params: Params<ReportParams>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    answer(&deps, &staff, Which::PassCards, params.0, &request).await
}

/// Report on complaints: what was filed, answered, late and upheld.
///
/// At the place of the unit that a complaint is about, of the places of one's area. Numbers of a few
/// people are withheld, and so are those from which they could be worked out.
#[utoipa::path(
    tag = "reports",
    operation_id = "reportComplaints",
    params(ReportParams),
    security(("staff" = [])),
    responses(
        (status = 200, description = "The report", content(
            (ComplaintReport = "application/json"),
            (String = "text/csv"),
            (Binary = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        Problems,
    ),
)]
#[get("/staff/reports/complaints")]
async fn complaints(
    staff: Staff,
    deps: Data<Deps>,
    params: Params<ReportParams>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    answer(&deps, &staff, Which::Complaints, params.0, &request).await
}

async fn answer(
    deps: &Deps,
    staff: &Staff,
    which: Which,
    params: ReportParams,
    request: &HttpRequest,
) -> Result<HttpResponse, Problem> {
    let today = deps.clock.today();
    let period = Period::published(params.from, params.to, today, params.by);
    let period = period.map_err(Error::from)?;
    let format = params
        .format
        .unwrap_or_else(|| Format::asked_for_in(request.headers()));
    let asked = Asked {
        which,
        period,
        level: params.level,
        by: params.by,
        format: format.name(),
    };
    let report = make(deps, staff, asked).await?;
    Ok(match format {
        Format::Json => json(&report),
        Format::Csv => {
            let table = views::table(&report, Language::asked_for_in(request.headers()));
            file(&report, format, table::csv(&table).map_err(Error::from)?)
        }
        Format::Xlsx => {
            let table = views::table(&report, Language::asked_for_in(request.headers()));
            let now = deps.clock.now();
            file(
                &report,
                format,
                table::xlsx(&table, now).map_err(Error::from)?,
            )
        }
    })
}

fn json(report: &Report) -> HttpResponse {
    match report.which {
        Which::PassCards => HttpResponse::Ok().json(PassCardReport::from(report)),
        Which::Complaints => HttpResponse::Ok().json(ComplaintReport::from(report)),
    }
}

fn file(report: &Report, format: Format, bytes: Vec<u8>) -> HttpResponse {
    let (name, period) = (report.which.name(), report.period);
    let name = format!("{name}-{}-{}", period.from(), period.to());
    table::file(&name, format, bytes)
}
