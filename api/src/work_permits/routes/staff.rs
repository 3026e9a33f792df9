//! The authority.

use actix_web::{
    delete, get, post, put,
    web::{Data, Json},
};
use chrono::NaiveDate;
use entity::values::{
    Area, Role, SocialCreditCode, WorkBatchId, WorkEnding, WorkFormId, WorkPermitId, WorkRulingId,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use validator::Validate;

use crate::{
    deps::Deps,
    http::{
        body::{Id, Params, Valid},
        idempotency::{Answer, IdempotencyKey, KeyHeader},
        page::{self, Page, PageParams},
        problem::{FieldFault, INVALID_REQUEST, Problem, Problems, Text},
    },
    staff::Staff,
    work_permits::{
        batches, counting,
        error::Error,
        reading, returnees, ruling,
        views::{
            BatchRequest, BatchView, EnterpriseRequest, EnterpriseView, FormView, ReturneesView,
            RulingRequest, RulingView, WorkStatisticsView, WorkerView,
        },
        white_list,
    },
};

/// Mount the routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(enterprises)
        .service(list_enterprise)
        .service(take_off)
        .service(list_forms)
        .service(read_form)
        .service(list_workers)
        .service(decide)
        .service(decision)
        .service(close_batch)
        .service(list_batches)
        .service(read_batch)
        .service(revoke)
        .service(returned)
        .service(statistics);
}

/// List the white list of one's region, by credit code.
#[utoipa::path(
    tag = "work permits",
    operation_id = "listWorkEnterprises",
    params(PageParams),
    security(("staff" = [])),
    responses((status = 200, body = Page<EnterpriseView>, description = "A page of enterprises"), Problems),
)]
#[get("/staff/work-enterprises")]
async fn enterprises(
    staff: Staff,
    deps: Data<Deps>,
    page: Params<PageParams>,
) -> Result<Json<Page<EnterpriseView>>, Problem> {
    let after = page.0.after.as_deref().map(code).transpose()?;
    let listed = white_list::list(&deps, &staff, after, page.0.limit).await?;
    Ok(Json(listed.map(EnterpriseView::from)))
}

fn code(text: &str) -> Result<SocialCreditCode, Problem> {
    SocialCreditCode::parse(text).map_err(|error| {
        let message = Text::new(
            "不是有效的统一社会信用代码",
            "is no unified social credit code",
        );
        let fault = FieldFault::new("credit_code", error.code(), message);
        Problem::field(INVALID_REQUEST, fault)
    })
}

/// Put an enterprise on the white list of a district of one's own, or change its entry.
#[utoipa::path(
    tag = "work permits",
    operation_id = "listWorkEnterprise",
    params(("credit_code" = String, Path, description = "Its unified social credit code")),
    request_body = EnterpriseRequest,
    security(("staff" = [])),
    responses((status = 200, body = EnterpriseView, description = "Listed"), Problems),
)]
#[put("/staff/work-enterprises/{credit_code}")]
async fn list_enterprise(
    staff: Staff,
    deps: Data<Deps>,
    credit_code: Id<String>,
    body: Valid<EnterpriseRequest>,
) -> Result<Json<EnterpriseView>, Problem> {
    let code = code(&credit_code.0)?;
    let row = white_list::put(&deps, &staff, code, body.0).await?;
    Ok(Json(row.into()))
}

/// Take an enterprise off the white list: its permits count no more until it is on it again.
#[utoipa::path(
    tag = "work permits",
    operation_id = "takeOffWorkEnterprise",
    params(("credit_code" = String, Path, description = "Its unified social credit code")),
    security(("staff" = [])),
    responses((status = 200, body = EnterpriseView, description = "Taken off"), Problems),
)]
#[delete("/staff/work-enterprises/{credit_code}")]
async fn take_off(
    staff: Staff,
    deps: Data<Deps>,
    credit_code: Id<String>,
) -> Result<Json<EnterpriseView>, Problem> {
    let code = code(&credit_code.0)?;
    Ok(Json(
        white_list::take_off(&deps, &staff, code).await?.into(),
    ))
}

/// List the collection forms that are decided in one's region, newest first.
#[utoipa::path(
    tag = "work permits",
    operation_id = "listWorkFormsOfRegion",
    params(PageParams),
    security(("staff" = [])),
    responses((status = 200, body = Page<FormView>, description = "A page of forms"), Problems),
)]
#[get("/staff/work-forms")]
async fn list_forms(
    staff: Staff,
    deps: Data<Deps>,
    page: Params<PageParams>,
) -> Result<Json<Page<FormView>>, Problem> {
    let after = page::key(page.0.after.as_deref())?;
    Ok(Json(
        reading::of_staff(&deps, &staff, after, page.0.limit).await?,
    ))
}

/// Read a collection form of one's region.
#[utoipa::path(
    tag = "work permits",
    operation_id = "readWorkFormOfRegion",
    params(("form" = WorkFormId, Path, description = "A form of one's region")),
    security(("staff" = [])),
    responses((status = 200, body = FormView, description = "The form"), Problems),
)]
#[get("/staff/work-forms/{form}")]
async fn read_form(
    staff: Staff,
    deps: Data<Deps>,
    form: Id<WorkFormId>,
) -> Result<Json<FormView>, Problem> {
    let form = reading::form_of_staff(&deps, &staff, form.0).await?;
    Ok(Json(FormView::of(&form)))
}

/// List the workers of a form of one's region, line by line.
#[utoipa::path(
    tag = "work permits",
    operation_id = "listWorkersOfRegion",
    params(("form" = WorkFormId, Path, description = "A form of one's region"), PageParams),
    security(("staff" = [])),
    responses((status = 200, body = Page<WorkerView>, description = "A page of workers"), Problems),
)]
#[get("/staff/work-forms/{form}/workers")]
async fn list_workers(
    staff: Staff,
    deps: Data<Deps>,
    form: Id<WorkFormId>,
    page: Params<PageParams>,
) -> Result<Json<Page<WorkerView>>, Problem> {
    let after = page::key(page.0.after.as_deref())?.unwrap_or(0);
    let form = reading::form_of_staff(&deps, &staff, form.0).await?;
    Ok(Json(
        reading::workers(&deps, &form, after, page.0.limit).await?,
    ))
}

/// Decide on all workers of a form that stand at a stage, but for some.
///
/// Each case is decided as if by hand, one after the other in the background; what cannot be decided stays
/// as it is. One decision on a form at a time (`form-decision-under-way`).
#[utoipa::path(
    tag = "work permits",
    operation_id = "decideWorkForm",
    params(("form" = WorkFormId, Path, description = "A form of one's region"), KeyHeader),
    request_body = RulingRequest,
    security(("staff" = [])),
    responses((status = 201, body = RulingView, description = "Asked for"), Problems),
)]
#[post("/staff/work-forms/{form}/decisions")]
async fn decide(
    staff: Staff,
    deps: Data<Deps>,
    form: Id<WorkFormId>,
    key: IdempotencyKey,
    body: Valid<RulingRequest>,
) -> Result<Answer, Problem> {
    Ok(ruling::ask(&deps, &staff, form.0, &key, body.0).await?)
}

/// Read how far a decision on many got.
#[utoipa::path(
    tag = "work permits",
    operation_id = "readWorkFormDecision",
    params(("form" = WorkFormId, Path, description = "A form of one's region"),
        ("decision" = WorkRulingId, Path, description = "A decision on it")),
    security(("staff" = [])),
    responses((status = 200, body = RulingView, description = "How far it got"), Problems),
)]
#[get("/staff/work-forms/{form}/decisions/{decision}")]
async fn decision(
    staff: Staff,
    deps: Data<Deps>,
    path: Id<(WorkFormId, WorkRulingId)>,
) -> Result<Json<RulingView>, Problem> {
    let (form, id) = path.0;
    Ok(Json(ruling::find(&deps, &staff, form, id).await?))
}

/// Close a batch for the data centre: of those who wait at the city's stage the 500 who wait longest.
///
/// Repeat until nobody waits (`nobody-to-send`).
#[utoipa::path(
    tag = "work permits",
    operation_id = "closeWorkBatch",
    params(KeyHeader),
    request_body = BatchRequest,
    security(("staff" = [])),
    responses((status = 201, body = BatchView, description = "Closed"), Problems),
)]
#[post("/staff/work-batches")]
async fn close_batch(
    staff: Staff,
    deps: Data<Deps>,
    key: IdempotencyKey,
    body: Valid<BatchRequest>,
) -> Result<Answer, Problem> {
    Ok(batches::close(&deps, &staff, &key, body.0).await?)
}

/// List the batches of one's region, newest first.
#[utoipa::path(
    tag = "work permits",
    operation_id = "listWorkBatches",
    params(PageParams),
    security(("staff" = [])),
    responses((status = 200, body = Page<BatchView>, description = "A page of batches"), Problems),
)]
#[get("/staff/work-batches")]
async fn list_batches(
    staff: Staff,
    deps: Data<Deps>,
    page: Params<PageParams>,
) -> Result<Json<Page<BatchView>>, Problem> {
    let after = page::key(page.0.after.as_deref())?;
    Ok(Json(
        batches::list(&deps, &staff, after, page.0.limit).await?,
    ))
}

/// Read a batch of one's region, and what the data centre said of whom.
#[utoipa::path(
    tag = "work permits",
    operation_id = "readWorkBatch",
    params(("batch" = WorkBatchId, Path, description = "A batch of one's region")),
    security(("staff" = [])),
    responses((status = 200, body = BatchView, description = "The batch"), Problems),
)]
#[get("/staff/work-batches/{batch}")]
async fn read_batch(
    staff: Staff,
    deps: Data<Deps>,
    batch: Id<WorkBatchId>,
) -> Result<Json<BatchView>, Problem> {
    Ok(Json(batches::find(&deps, &staff, batch.0).await?))
}

/// Take a work permit back: it ends at once.
#[utoipa::path(
    tag = "work permits",
    operation_id = "revokeWorkPermit",
    params(("permit" = WorkPermitId, Path, description = "A permit of one's region"), KeyHeader),
    security(("staff" = [])),
    responses((status = 200, body = WorkerView, description = "Taken back"), Problems),
)]
#[post("/staff/work-permits/{permit}/revocation")]
async fn revoke(
    staff: Staff,
    deps: Data<Deps>,
    permit: Id<WorkPermitId>,
    key: IdempotencyKey,
) -> Result<Answer, Problem> {
    let who = reading::Ender::Staff(&staff);
    let ending = WorkEnding::Revoked;
    Ok(Box::pin(reading::end(&deps, who, permit.0, &key, ending)).await?)
}

/// Where, and on which day.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReturneesParams {
    /// A community or a division of one's own.
    area: Area,
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

/// List who of those who live in a community and returned to work checked in on a day, and whether they
/// were well.
#[utoipa::path(
    tag = "work permits",
    operation_id = "listReturneesOfCommunity",
    params(ReturneesParams),
    security(("staff" = [])),
    responses((status = 200, body = ReturneesView, description = "A page of returnees"), Problems),
)]
#[get("/staff/returnees")]
async fn returned(
    staff: Staff,
    deps: Data<Deps>,
    params: Params<ReturneesParams>,
) -> Result<Json<ReturneesView>, Problem> {
    let ReturneesParams {
        area,
        day,
        after,
        limit,
    } = params.0;
    let mut roles = [Role::CommunityIssuer, Role::Reviewer].into_iter();
    if !roles.any(|role| staff.scope.covers_area(role, &area)) {
        return Err(Error::NotFound.into());
    }
    let after = page::key::<Uuid>(after.as_deref())?.map(WorkPermitId);
    Ok(Json(
        returnees::living_in(&deps, &area, day, after, limit).await?,
    ))
}

/// Count how many workers of one's region stand at which stage, how many of them too long, and what became
/// of the others.
#[utoipa::path(
    tag = "work permits",
    operation_id = "countWorkers",
    security(("staff" = [])),
    responses((status = 200, body = WorkStatisticsView, description = "Counts"), Problems),
)]
#[get("/staff/work-statistics")]
async fn statistics(staff: Staff, deps: Data<Deps>) -> Result<Json<WorkStatisticsView>, Problem> {
    Ok(Json(counting::count(&deps, &staff).await?))
}
