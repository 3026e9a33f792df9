//! Enterprises.

use std::time::Duration;

use actix_web::{
    HttpResponse, get, post,
    web::{Data, Json, Payload},
};
use bytes::{Bytes, BytesMut};
use chrono::NaiveDate;
use entity::values::{OrganisationId, WorkEnding, WorkFormId, WorkPermitId};
use futures_util::StreamExt;
use serde::Deserialize;
use tokio::time::timeout;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use validator::Validate;

use crate::{
    deps::Deps,
    http::{
        binary::Binary,
        body::{Id, Params},
        idempotency::{Answer, IdempotencyKey, KeyHeader},
        page::{self, Page, PageParams},
        problem::{Language, Problem, Problems},
        table::{self, Format},
    },
    organisations::UnitActor,
    work_permits::{
        error::Error,
        form::{self, LARGEST, Unreadable},
        reading, returnees, submitting,
        views::{CheckView, EnterpriseView, FormView, ReturneesView, WorkerView},
        white_list,
    },
};

/// How long a form may be silent, and take in all.
const SILENCE: Duration = Duration::from_secs(10);
const LONGEST: Duration = Duration::from_mins(2);

/// Mount the routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(entry)
        .service(template)
        .service(check)
        .service(submit)
        .service(list)
        .service(read)
        .service(list_workers)
        .service(withdraw)
        .service(returned);
}

/// Read the unit's entry in the white list.
#[utoipa::path(
    tag = "work permits",
    operation_id = "readOwnWorkEnterprise",
    params(("organisation" = OrganisationId, Path, description = "A unit that one acts for")),
    security(("session" = []), ("unit" = [])),
    responses((status = 200, body = EnterpriseView, description = "The entry, which counts now"), Problems),
)]
#[get("/organisations/{organisation}/work-enterprise")]
async fn entry(unit: UnitActor, deps: Data<Deps>) -> Result<Json<EnterpriseView>, Problem> {
    let now = deps.clock.now();
    let (_, entry) = white_list::listed(&deps.db, unit.organisation, now).await?;
    Ok(Json(entry.into()))
}

/// In which form.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TemplateParams {
    /// `csv` or `xlsx`.
    #[serde(default = "usual_format")]
    #[param(inline, default = "xlsx")]
    format: Format,
}

const fn usual_format() -> Format {
    Format::Xlsx
}

/// Download the collection form to fill in.
#[utoipa::path(
    tag = "work permits",
    operation_id = "downloadWorkFormTemplate",
    params(("organisation" = OrganisationId, Path, description = "A unit that one acts for"), TemplateParams),
    security(("session" = []), ("unit" = [])),
    responses((status = 200, description = "The form", content(
        (String = "text/csv"),
        (Binary = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    )), Problems),
)]
#[get("/organisations/{organisation}/work-form-template")]
async fn template(
    _: UnitActor,
    deps: Data<Deps>,
    params: Params<TemplateParams>,
) -> Result<HttpResponse, Problem> {
    let format = match params.0.format {
        Format::Csv => Format::Csv,
        Format::Json | Format::Xlsx => Format::Xlsx,
    };
    let table = form::template();
    let written = match format {
        Format::Csv => table::csv(&table).map_err(anyhow::Error::from),
        _ => table::xlsx(&table, deps.clock.now()).map_err(anyhow::Error::from),
    };
    let written = written.map_err(Error::Table)?;
    Ok(table::file("collection-form", format, written))
}

/// How the report is wanted.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReportParams {
    /// `json`, or `csv` with every error to be kept beside the form.
    #[serde(default)]
    #[param(inline, default = "json")]
    format: Format,
}

/// Try a collection form: what is wrong with it, line by line. Nothing is kept.
///
/// The body is CSV (UTF-8 or GB 18030) or XLSX, at most 5 MB and 10,000 workers. No cell is a formula or
/// merged with others.
#[utoipa::path(
    tag = "work permits",
    operation_id = "checkWorkForm",
    params(("organisation" = OrganisationId, Path, description = "A unit that one acts for"), ReportParams),
    request_body(content = Binary, content_type = "application/octet-stream"),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, description = "The report", content(
            (CheckView = "application/json"),
            (String = "text/csv"),
        )),
        Problems,
    ),
)]
#[post("/organisations/{organisation}/work-form-checks")]
async fn check(
    unit: UnitActor,
    deps: Data<Deps>,
    params: Params<ReportParams>,
    language: Language,
    body: Payload,
) -> Result<HttpResponse, Problem> {
    let file = whole(body).await?;
    let (workers, flaws) = submitting::check(&deps, &unit, file).await?;
    if params.0.format == Format::Csv {
        let report = table::csv(&form::report(&flaws)).map_err(anyhow::Error::from);
        let report = report.map_err(Error::Table)?;
        return Ok(table::file("report", Format::Csv, report));
    }
    Ok(HttpResponse::Ok().json(CheckView::of(workers, &flaws, language)))
}

/// Send in a collection form: all of its workers, or none.
///
/// Only enterprises of the white list may (`enterprise-not-listed`). A form with errors is refused
/// (`collection-form-refused`): each field is a cell as spreadsheets call it, a thousand at the most. A
/// worker for whom another enterprise asks, or who holds a permit that goes on, is an error, too.
#[utoipa::path(
    tag = "work permits",
    operation_id = "sendWorkForm",
    params(("organisation" = OrganisationId, Path, description = "A unit that one acts for"), KeyHeader),
    request_body(content = Binary, content_type = "application/octet-stream"),
    security(("session" = []), ("unit" = [])),
    responses((status = 201, body = FormView, description = "Taken in"), Problems),
)]
#[post("/organisations/{organisation}/work-forms")]
async fn submit(
    unit: UnitActor,
    deps: Data<Deps>,
    key: IdempotencyKey,
    body: Payload,
) -> Result<Answer, Problem> {
    let file = whole(body).await?;
    Ok(Box::pin(submitting::submit(&deps, &unit, &key, file)).await?)
}

/// All of a body that may be as large as a form.
async fn whole(body: Payload) -> Result<Bytes, Error> {
    let reading = async move {
        let (mut body, mut whole) = (body, BytesMut::new());
        while let Some(bytes) = timeout(SILENCE, body.next())
            .await
            .map_err(|_| Error::TooSlow)?
        {
            let bytes = bytes.map_err(|_| Error::TooSlow)?;
            if whole.len() + bytes.len() > LARGEST {
                return Err(Unreadable::TooLarge.into());
            }
            whole.extend_from_slice(&bytes);
        }
        Ok(whole.freeze())
    };
    timeout(LONGEST, reading)
        .await
        .map_err(|_| Error::TooSlow)?
}

/// List the collection forms of a unit, newest first.
#[utoipa::path(
    tag = "work permits",
    operation_id = "listWorkForms",
    params(("organisation" = OrganisationId, Path, description = "A unit that one acts for"), PageParams),
    security(("session" = []), ("unit" = [])),
    responses((status = 200, body = Page<FormView>, description = "A page of forms"), Problems),
)]
#[get("/organisations/{organisation}/work-forms")]
async fn list(
    unit: UnitActor,
    deps: Data<Deps>,
    page: Params<PageParams>,
) -> Result<Json<Page<FormView>>, Problem> {
    let after = page::key(page.0.after.as_deref())?;
    Ok(Json(
        reading::of_unit(&deps, &unit, after, page.0.limit).await?,
    ))
}

/// Read a collection form of a unit.
#[utoipa::path(
    tag = "work permits",
    operation_id = "readWorkForm",
    params(("organisation" = OrganisationId, Path, description = "A unit that one acts for"),
        ("form" = WorkFormId, Path, description = "A form of it")),
    security(("session" = []), ("unit" = [])),
    responses((status = 200, body = FormView, description = "The form"), Problems),
)]
#[get("/organisations/{organisation}/work-forms/{form}")]
async fn read(
    unit: UnitActor,
    deps: Data<Deps>,
    path: Id<(OrganisationId, WorkFormId)>,
) -> Result<Json<FormView>, Problem> {
    let form = reading::form_of_unit(&deps, unit.organisation, path.0.1).await?;
    Ok(Json(FormView::of(&form)))
}

/// List the workers of a form, line by line, and how far each got.
#[utoipa::path(
    tag = "work permits",
    operation_id = "listWorkers",
    params(("organisation" = OrganisationId, Path, description = "A unit that one acts for"),
        ("form" = WorkFormId, Path, description = "A form of it"), PageParams),
    security(("session" = []), ("unit" = [])),
    responses((status = 200, body = Page<WorkerView>, description = "A page of workers"), Problems),
)]
#[get("/organisations/{organisation}/work-forms/{form}/workers")]
async fn list_workers(
    unit: UnitActor,
    deps: Data<Deps>,
    path: Id<(OrganisationId, WorkFormId)>,
    page: Params<PageParams>,
) -> Result<Json<Page<WorkerView>>, Problem> {
    let after = page::key(page.0.after.as_deref())?.unwrap_or(0);
    let form = reading::form_of_unit(&deps, unit.organisation, path.0.1).await?;
    Ok(Json(
        reading::workers(&deps, &form, after, page.0.limit).await?,
    ))
}

/// Withdraw a worker: the application is taken back, or the permit ends at once.
#[utoipa::path(
    tag = "work permits",
    operation_id = "withdrawWorker",
    params(("organisation" = OrganisationId, Path, description = "A unit that one acts for"),
        ("permit" = WorkPermitId, Path, description = "A worker of it"), KeyHeader),
    security(("session" = []), ("unit" = [])),
    responses((status = 200, body = WorkerView, description = "Withdrawn"), Problems),
)]
#[post("/organisations/{organisation}/workers/{permit}/withdrawal")]
async fn withdraw(
    unit: UnitActor,
    deps: Data<Deps>,
    path: Id<(OrganisationId, WorkPermitId)>,
    key: IdempotencyKey,
) -> Result<Answer, Problem> {
    let who = reading::Ender::Unit(&unit);
    let ending = WorkEnding::Withdrawn;
    Ok(Box::pin(reading::end(&deps, who, path.0.1, &key, ending)).await?)
}

/// Which day.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DayParams {
    /// The day in Asia/Shanghai. Today, where none is named.
    day: Option<NaiveDate>,
    /// `next` of the page before; absent for the first.
    #[validate(length(min = 1, max = 64))]
    #[param(min_length = 1, max_length = 64)]
    after: Option<String>,
    /// Entries of a page, at the most.
    #[validate(range(min = 1, max = 100))]
    #[serde(default = "page::usual")]
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: u64,
}

/// List who of those who returned to a unit checked in on a day, and whether they were well.
///
/// Nothing else of their health is told to an employer.
#[utoipa::path(
    tag = "work permits",
    operation_id = "listReturneesOfUnit",
    params(("organisation" = OrganisationId, Path, description = "A unit that one acts for"), DayParams),
    security(("session" = []), ("unit" = [])),
    responses((status = 200, body = ReturneesView, description = "A page of returnees"), Problems),
)]
#[get("/organisations/{organisation}/returnees")]
async fn returned(
    unit: UnitActor,
    deps: Data<Deps>,
    params: Params<DayParams>,
) -> Result<Json<ReturneesView>, Problem> {
    let DayParams { day, after, limit } = params.0;
    let after = page::key::<Uuid>(after.as_deref())?.map(WorkPermitId);
    Ok(Json(
        returnees::of_unit(&deps, &unit, day, after, limit).await?,
    ))
}
