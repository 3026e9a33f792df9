//! Reports for reviewers, administrators and auditors.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE},
    web::Data,
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

use super::{
    error::Error,
    making::{Asked, Report, Which, make},
    rules::{By, Level, Period},
    table,
    views::{self, ComplaintReport, PassCardReport},
};
use crate::{
    deps::Deps,
    http::{
        binary::Binary,
        body::Params,
        problem::{Language, Problem, Problems},
    },
    staff::Staff,
};

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(pass_cards).service(complaints);
}

/// How a report is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReportFormat)]
enum Format {
    /// For programs.
    #[default]
    Json,
    /// For spreadsheets: RFC 4180, in UTF-8 with a byte order mark. What is withheld is an asterisk.
    Csv,
    /// A workbook. What is withheld is an asterisk.
    Xlsx,
}

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

impl Format {
    /// Its name; stable.
    fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// What the first range of an `Accept` value (RFC 9110 §12.5.1) that names one of them, in its order
    /// of preference, asks for.
    fn negotiate(accept: Option<&str>) -> Self {
        let mut ranges: Vec<(f32, &str)> = accept
            .unwrap_or_default()
            .split(',')
            .map(|range| {
                let mut parts = range.split(';').map(str::trim);
                let media_type = parts.next().unwrap_or_default();
                let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok());
                (weight.unwrap_or(1.0), media_type)
            })
            .filter(|(weight, _)| *weight > 0.0)
            .collect();
        ranges.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        let known = ranges
            .into_iter()
            .find_map(|(_, media_type)| match media_type {
                "application/json" | "application/*" | "*/*" => Some(Self::Json),
                "text/csv" | "text/*" => Some(Self::Csv),
                XLSX => Some(Self::Xlsx),
                _ => None,
            });
        known.unwrap_or_default()
    }
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
    let accept = request.headers().get(ACCEPT);
    let accept = accept.and_then(|accept| accept.to_str().ok());
    let format = params.format.unwrap_or_else(|| Format::negotiate(accept));
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
            file(&report, "csv", table::csv(&table).map_err(Error::from)?)
        }
        Format::Xlsx => {
            let table = views::table(&report, Language::asked_for_in(request.headers()));
            let now = deps.clock.now();
            file(
                &report,
                "xlsx",
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

fn file(report: &Report, extension: &str, bytes: Vec<u8>) -> HttpResponse {
    let media_type = if extension == "csv" {
        "text/csv; charset=utf-8"
    } else {
        XLSX
    };
    let (name, period) = (report.which.name(), report.period);
    let name = format!("{name}-{}-{}.{extension}", period.from(), period.to());
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, media_type))
        .insert_header((
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ))
        .body(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_liked_form_that_there_is_is_sent() {
        for (accept, expected) in [
            (None, Format::Json),
            (Some("*/*"), Format::Json),
            (Some("text/csv"), Format::Csv),
            (Some("application/json;q=0.2, text/csv;q=0.8"), Format::Csv),
            (Some(XLSX), Format::Xlsx),
            (Some("text/csv;q=0, application/json"), Format::Json),
            (Some("image/png"), Format::Json),
        ] {
            assert_eq!(Format::negotiate(accept), expected, "{accept:?}");
        }
    }
}
