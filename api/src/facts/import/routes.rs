//! Where data stewards bring in files of facts.

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, dev, get,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    post,
    web::{Data, Json, Payload},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use entity::{
    import_batch::{self, ImportState},
    import_finding,
    values::ImportId,
};
use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

use super::{
    findings::{FileFlaw, Flaw},
    kinds::Kind,
    receiving::{self, Upload},
    report,
};
use crate::{
    deps::Deps,
    http::{
        binary::Binary,
        body::{Id, Params},
        page::{Page, PageParams},
        problem::{FieldFault, INVALID_REQUEST, Language, Problem, Problems, Text},
    },
    staff::Staff,
};

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(bring_file)
        .service(get_import)
        .service(list_import_errors)
        .service(get_import_report)
        .service(release_import);
}

/// Whose file it is, and what it says.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FileParams {
    /// The source that signed it.
    #[validate(length(min = 1, max = 32))]
    #[param(min_length = 1, max_length = 32)]
    source: String,
    /// What its rows say: `nucleic_acid_test`, or a kind of fact.
    #[validate(length(min = 1, max = 24))]
    #[param(min_length = 1, max_length = 24, example = "nucleic_acid_test")]
    kind: String,
    /// Find out what would be applied, and apply nothing.
    #[serde(default)]
    #[param(default = false)]
    dry_run: bool,
}

/// The header that carries the source's signature.
const SIGNATURE: &str = "import-signature";

/// The header, as the document describes it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
struct SignatureHeader {
    /// Ed25519 (RFC 8032) by the source's key, in base64, over `tongxing-import-v1`, a zero byte, the
    /// source, a zero byte, the kind, a zero byte and the 32 bytes of the SHA-256 of the body.
    #[expect(dead_code, reason = "read as `Signature`")]
    #[param(rename = "Import-Signature", min_length = 88, max_length = 88)]
    import_signature: String,
}

struct Signature(Vec<u8>);

impl FromRequest for Signature {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let header = request.headers().get(SIGNATURE);
        let signature = header.and_then(|header| BASE64_STANDARD.decode(header).ok());
        let fault = FieldFault::new(
            "Import-Signature",
            "form",
            Text::new("须为 Base64 编码的签名", "must be a signature in base64"),
        );
        std::future::ready(
            signature
                .map(Self)
                .ok_or_else(|| Problem::field(INVALID_REQUEST, fault)),
        )
    }
}

/// A file of facts, and how far it got.
#[derive(Serialize, ToSchema)]
struct ImportView {
    /// Which.
    id: ImportId,
    /// Whose.
    source: String,
    /// What its rows say.
    kind: String,
    /// Whether it is only tried.
    dry_run: bool,
    /// Where it stands.
    state: ImportState,
    /// Why it was refused or quarantined; stable.
    problem: Option<String>,
    /// The same in words.
    explanation: Option<String>,
    /// When it came.
    created_at: DateTime<Utc>,
    /// When it ended.
    finished_at: Option<DateTime<Utc>>,
    /// Lines of the file; unknown until it was read through.
    total_rows: Option<i64>,
    /// Lines that are dealt with.
    rows_done: i64,
    /// Rows applied.
    applied: i64,
    /// Rows that say what was known.
    repeated: i64,
    /// Rows refused.
    refused: i64,
}

impl ImportView {
    fn of(row: import_batch::Model, language: Language) -> Self {
        let flaw = row.problem.as_deref().and_then(FileFlaw::of_code);
        Self {
            id: row.id,
            source: row.source,
            kind: row.kind,
            dry_run: row.dry_run,
            state: row.state,
            problem: row.problem,
            explanation: flaw.map(|flaw| flaw.says(language).to_owned()),
            created_at: row.created_at,
            finished_at: row.finished_at,
            total_rows: row.total_rows,
            rows_done: row.next_row,
            applied: row.applied,
            repeated: row.repeated,
            refused: row.refused,
        }
    }
}

/// Why one row was not applied. Never what it says.
#[derive(Serialize, ToSchema)]
struct ImportErrorView {
    /// The line, counted from 1.
    line: i64,
    /// The column; empty for the line as a whole.
    field: String,
    /// What is wrong; stable.
    code: String,
    /// What is wrong, in words.
    message: String,
}

impl ImportErrorView {
    fn of(row: import_finding::Model, language: Language) -> Self {
        let text = Flaw::of_code(&row.code).map(Flaw::text);
        Self {
            line: row.line,
            field: row.field,
            message: text
                .map_or("", |text| text.in_language(language))
                .to_owned(),
            code: row.code,
        }
    }
}

/// Bring in a file of facts.
///
/// The body is CSV or one JSON object a line, compressed with gzip or not. It is kept, and brought in
/// soon after. The same file of the same source again is answered with the import that there is.
#[utoipa::path(
    tag = "facts",
    operation_id = "bringFile",
    params(FileParams, SignatureHeader),
    request_body(content = Binary, content_type = "application/octet-stream"),
    security(("staff" = [])),
    responses((status = 202, body = ImportView, description = "How far it got"), Problems),
)]
#[post("/staff/imports")]
async fn bring_file(
    staff: Staff,
    deps: Data<Deps>,
    params: Params<FileParams>,
    signature: Signature,
    language: Language,
    body: Payload,
) -> Result<HttpResponse, Problem> {
    let Params(params) = params;
    let kind = Kind::of_name(&params.kind).ok_or_else(|| {
        let message = Text::new("没有这类文件", "there are no such files");
        Problem::field(INVALID_REQUEST, FieldFault::new("kind", "value", message))
    })?;
    let upload = Upload {
        source: &params.source,
        kind,
        signature: &signature.0,
        dry_run: params.dry_run,
    };
    let batch = receiving::receive(&deps, &staff, upload, body).await?;
    Ok(HttpResponse::Accepted().json(ImportView::of(batch, language)))
}

/// How far a file got.
#[utoipa::path(
    tag = "facts",
    operation_id = "getImport",
    params(("id" = ImportId, Path, description = "Which import")),
    security(("staff" = [])),
    responses((status = 200, body = ImportView, description = "How far it got"), Problems),
)]
#[get("/staff/imports/{id}")]
async fn get_import(
    staff: Staff,
    deps: Data<Deps>,
    id: Id<ImportId>,
    language: Language,
) -> Result<Json<ImportView>, Problem> {
    let batch = receiving::find(&deps, &staff.scope, id.0).await?;
    Ok(Json(ImportView::of(batch, language)))
}

/// Why rows were not applied, in the order of the file.
#[utoipa::path(
    tag = "facts",
    operation_id = "listImportErrors",
    params(("id" = ImportId, Path, description = "Which import"), PageParams),
    security(("staff" = [])),
    responses((status = 200, body = Page<ImportErrorView>, description = "A page"), Problems),
)]
#[get("/staff/imports/{id}/errors")]
async fn list_import_errors(
    staff: Staff,
    deps: Data<Deps>,
    id: Id<ImportId>,
    page: Params<PageParams>,
    language: Language,
) -> Result<Json<Page<ImportErrorView>>, Problem> {
    let Params(PageParams { after, limit }) = page;
    let after = after.map_or(Some(0), |after| after.parse().ok());
    let after = after.ok_or_else(|| {
        let message = Text::new("不是分页标记", "is not where a page begins");
        Problem::field(INVALID_REQUEST, FieldFault::new("after", "form", message))
    })?;
    let found = receiving::errors(&deps, &staff.scope, id.0, after, limit + 1).await?;
    let views = found
        .into_iter()
        .map(|row| ImportErrorView::of(row, language));
    Ok(Json(Page::cut(views.collect(), limit, |last| {
        last.line.to_string()
    })))
}

/// The same as a table for a spreadsheet.
#[utoipa::path(
    tag = "facts",
    operation_id = "getImportReport",
    params(("id" = ImportId, Path, description = "Which import")),
    security(("staff" = [])),
    responses((status = 200, body = String, content_type = "text/csv", description = "The report"), Problems),
)]
#[get("/staff/imports/{id}/report")]
async fn get_import_report(
    staff: Staff,
    deps: Data<Deps>,
    id: Id<ImportId>,
) -> Result<HttpResponse, Problem> {
    let batch = receiving::find(&deps, &staff.scope, id.0).await?;
    let lines = report::report(&deps, batch.id).map_ok(actix_web::web::Bytes::from);
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((
            CONTENT_DISPOSITION,
            "attachment; filename=\"import-report.csv\"",
        ))
        .streaming(Box::pin(lines)))
}

/// Let a quarantined file go on. Somebody else than who brought it must.
#[utoipa::path(
    tag = "facts",
    operation_id = "releaseImport",
    params(("id" = ImportId, Path, description = "Which import")),
    security(("staff" = [])),
    responses((status = 200, body = ImportView, description = "It goes on"), Problems),
)]
#[post("/staff/imports/{id}/release")]
async fn release_import(
    staff: Staff,
    deps: Data<Deps>,
    id: Id<ImportId>,
    language: Language,
) -> Result<Json<ImportView>, Problem> {
    let batch = receiving::release(&deps, &staff.scope, staff.account, id.0).await?;
    Ok(Json(ImportView::of(batch, language)))
}
