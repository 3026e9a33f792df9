//! Showing and verifying codes.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    body::BoxBody,
    get,
    http::{
        StatusCode,
        header::{AUTHORIZATION, CONTENT_LANGUAGE, CONTENT_TYPE, HeaderValue},
    },
    post,
    web::{Bytes, Data, Json},
};
use entity::values::PersonId;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

use super::{
    history::{self, ColourChangeView},
    reasons::{self, ExplanationView},
    receipt::{self, ReceiptVerification, ReceiptView},
    showing, snapshot,
    verifying::{self, Verification},
    views::CodeView,
};
use crate::{
    credentials::{keyring::IssuedCode, qr},
    deps::Deps,
    http::{
        binary::Binary,
        body::{Id, Params, Valid},
        page::{self, Page, PageParams},
        problem::{INTERNAL, Language, Problem, Problems},
        verifications::Counted,
    },
    identity::{self, Citizen, acting_for},
};

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(show)
        .service(show_png)
        .service(show_svg)
        .service(verify)
        .service(explain)
        .service(give_receipt)
        .service(verify_receipt)
        .service(list_changes);
}

/// Show the health code.
///
/// Of oneself or a dependant: the colour, every reason for it, and a signed token that is good for a
/// minute. Draw the token as a QR symbol on the device.
#[utoipa::path(
    tag = "health code",
    operation_id = "showHealthCode",
    params(("person" = PersonId, Path, description = "Oneself or a dependant")),
    security(("session" = [])),
    responses(
        (status = 200, body = CodeView<'static>, description = "The code"),
        Problems,
    ),
)]
#[get("/people/{person}/health-code")]
async fn show(
    request: HttpRequest,
    deps: Data<Deps>,
    person: Id<PersonId>,
    language: Language,
) -> Result<HttpResponse, Problem> {
    let page = page_for(&deps, asked_by(&request), person.0, language).await?;
    Ok(self::page(page, language))
}

/// The answer that shows a code.
pub(super) fn page(page: Bytes, language: Language) -> HttpResponse {
    let mut response = HttpResponse::with_body(StatusCode::OK, BoxBody::new(page));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    response
}

/// How to draw.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PictureParams {
    /// Pixels of a module's side.
    #[validate(range(min = 1, max = 20))]
    #[serde(default = "usual_scale")]
    #[param(minimum = 1, maximum = 20, default = 6)]
    scale: u8,
}

const fn usual_scale() -> u8 {
    6
}

/// Show the health code's QR symbol as PNG.
#[utoipa::path(
    tag = "health code",
    operation_id = "showHealthCodePng",
    params(("person" = PersonId, Path, description = "Oneself or a dependant"), PictureParams),
    security(("session" = [])),
    responses(
        (status = 200, body = Binary, content_type = "image/png", description = "Black on white, with its quiet zone"),
        Problems,
    ),
)]
#[get("/people/{person}/health-code.png")]
async fn show_png(
    request: HttpRequest,
    deps: Data<Deps>,
    person: Id<PersonId>,
    picture: Params<PictureParams>,
) -> Result<HttpResponse, Problem> {
    let code = code_for(&deps, asked_by(&request), person.0).await?;
    self::picture(&code, qr::Scale::new(picture.0.scale).unwrap_or_default())
}

/// The answer that draws a code.
pub(super) fn picture(code: &IssuedCode, scale: qr::Scale) -> Result<HttpResponse, Problem> {
    let png = qr::code_png(&code.token, scale).map_err(|_| Problem::new(INTERNAL))?;
    let mut response = HttpResponse::with_body(StatusCode::OK, BoxBody::new(png));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("image/png"));
    Ok(response)
}

/// Show the health code's QR symbol as SVG.
#[utoipa::path(
    tag = "health code",
    operation_id = "showHealthCodeSvg",
    params(("person" = PersonId, Path, description = "Oneself or a dependant")),
    security(("session" = [])),
    responses(
        (status = 200, body = String, content_type = "image/svg+xml", description = "Black on white, with its quiet zone"),
        Problems,
    ),
)]
#[get("/people/{person}/health-code.svg")]
async fn show_svg(
    request: HttpRequest,
    deps: Data<Deps>,
    person: Id<PersonId>,
) -> Result<HttpResponse, Problem> {
    let code = code_for(&deps, asked_by(&request), person.0).await?;
    let svg = qr::code_svg(&code.token).map_err(|_| Problem::new(INTERNAL))?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "image/svg+xml"))
        .body(svg))
}

/// A code to verify.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct VerificationRequest {
    /// The text of the QR symbol.
    #[validate(length(min = 1, max = 1200))]
    #[schema(min_length = 1, max_length = 1200)]
    token: String,
}

/// Verify a shown code.
///
/// Answers with the live colour, not the one in the code. An invalid code is answered `invalid` and
/// nothing more.
#[utoipa::path(
    tag = "health code",
    operation_id = "verifyCode",
    request_body = VerificationRequest,
    responses(
        (status = 200, body = Verification, description = "The verdict"),
        Problems,
    ),
)]
#[post("/codes/verify")]
async fn verify(
    _: Counted,
    deps: Data<Deps>,
    body: Valid<VerificationRequest>,
) -> Result<Json<Verification>, Problem> {
    Ok(Json(verifying::verify(&deps, &body.0.token).await?))
}

/// Explain the health code.
///
/// Of oneself or a dependant: every reason for what the code shows, the rule and the fact that it was
/// found in, whose data that is, what is met and what is missing for it to end, what to do now and whom
/// to call; and all facts that were considered.
#[utoipa::path(
    tag = "health code",
    operation_id = "explainHealthCode",
    params(("person" = PersonId, Path, description = "Oneself or a dependant")),
    security(("session" = [])),
    responses(
        (status = 200, body = ExplanationView, description = "The explanation"),
        Problems,
    ),
)]
#[get("/people/{person}/health-code/reasons")]
async fn explain(
    citizen: Citizen,
    deps: Data<Deps>,
    person: Id<PersonId>,
    language: Language,
) -> Result<Json<ExplanationView>, Problem> {
    let subject = acting_for(&deps, &citizen, person.0).await?;
    Ok(Json(
        reasons::explain(&deps, subject.person, language).await?,
    ))
}

/// Get a signed receipt of the explanation.
///
/// The same as the explanation, with a token that anybody can verify for thirty days with the published
/// keys: what the code showed, why, by which rules, found in which kinds of facts. It names nobody.
#[utoipa::path(
    tag = "health code",
    operation_id = "getHealthCodeReceipt",
    params(("person" = PersonId, Path, description = "Oneself or a dependant")),
    security(("session" = [])),
    responses(
        (status = 200, body = ReceiptView, description = "The receipt with what it is of"),
        Problems,
    ),
)]
#[get("/people/{person}/health-code/receipt")]
async fn give_receipt(
    citizen: Citizen,
    deps: Data<Deps>,
    person: Id<PersonId>,
    language: Language,
) -> Result<Json<ReceiptView>, Problem> {
    let subject = acting_for(&deps, &citizen, person.0).await?;
    Ok(Json(receipt::issue(&deps, subject.person, language).await?))
}

/// A receipt to verify.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReceiptVerificationRequest {
    /// The receipt's token.
    #[validate(length(min = 1, max = 16384))]
    #[schema(min_length = 1, max_length = 16384)]
    token: String,
}

/// Verify a receipt.
///
/// Answers with what it says. An invalid one is answered `invalid` and nothing more.
#[utoipa::path(
    tag = "health code",
    operation_id = "verifyReceipt",
    request_body = ReceiptVerificationRequest,
    responses(
        (status = 200, body = ReceiptVerification, description = "The verdict"),
        Problems,
    ),
)]
#[post("/receipts/verify")]
async fn verify_receipt(
    _: Counted,
    deps: Data<Deps>,
    body: Valid<ReceiptVerificationRequest>,
) -> Json<ReceiptVerification> {
    Json(receipt::verify(&deps, &body.0.token))
}

/// List the changes of the health code, newest first.
///
/// Of oneself or a dependant: when it changed from which colour to which, the reasons that stood then,
/// and the causes that began and ended.
#[utoipa::path(
    tag = "health code",
    operation_id = "listHealthCodeChanges",
    params(("person" = PersonId, Path, description = "Oneself or a dependant"), PageParams),
    security(("session" = [])),
    responses(
        (status = 200, body = Page<ColourChangeView>, description = "A page of changes"),
        Problems,
    ),
)]
#[get("/people/{person}/health-code/history")]
async fn list_changes(
    citizen: Citizen,
    deps: Data<Deps>,
    person: Id<PersonId>,
    page: Params<PageParams>,
    language: Language,
) -> Result<Json<Page<ColourChangeView>>, Problem> {
    let subject = acting_for(&deps, &citizen, person.0).await?;
    let before = page::key::<i64>(page.0.after.as_deref())?;
    let changes = history::list(&deps, subject.person, before, page.0.limit, language);
    Ok(Json(changes.await?))
}

fn asked_by(request: &HttpRequest) -> AskedBy<'_> {
    AskedBy::Bearer(request.headers().get(AUTHORIZATION))
}

/// Who asks.
pub(super) enum AskedBy<'a> {
    /// Whoever this `Authorization` says, if it is good.
    Bearer(Option<&'a HeaderValue>),
    /// A citizen who was recognised.
    Recognised(Citizen),
}

/// The code of `person` as its page gets it, for whoever asks.
pub(super) async fn page_for(
    deps: &Deps,
    asked_by: AskedBy<'_>,
    person: PersonId,
    language: Language,
) -> Result<Bytes, Problem> {
    let (person, prefetched) = may_see(deps, asked_by, person).await?;
    Ok(showing::page(deps, person, language, prefetched).await?)
}

/// The code of `person`, to draw for whoever asks.
pub(super) async fn code_for(
    deps: &Deps,
    asked_by: AskedBy<'_>,
    person: PersonId,
) -> Result<Arc<IssuedCode>, Problem> {
    let (person, prefetched) = may_see(deps, asked_by, person).await?;
    Ok(showing::code(deps, person, prefetched).await?)
}

/// `person`, if whoever asks may see their code. Where this process does not know the session, it is
/// asked for in one round trip with the code's snapshot, which then comes with it.
async fn may_see(
    deps: &Deps,
    asked_by: AskedBy<'_>,
    person: PersonId,
) -> Result<(PersonId, Option<Bytes>), Problem> {
    let (citizen, mut extra) = match asked_by {
        AskedBy::Recognised(citizen) => (citizen, Vec::new()),
        AskedBy::Bearer(authorization) => {
            let also = || vec![snapshot::key(person.number())];
            identity::authenticate_with(deps, authorization, also).await?
        }
    };
    let subject = acting_for(deps, &citizen, person).await?;
    Ok((subject.person, extra.pop().flatten()))
}
