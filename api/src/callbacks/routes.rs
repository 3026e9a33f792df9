//! Where platforms call us. There is no session here: the platform's signature is what lets in.

use actix_web::{HttpResponse, get, http::header::ContentType, post, web::Data};
use entity::values::Platform;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

use super::{
    error::Error,
    gate::Gate,
    service::{self, Taken},
};
use crate::{
    clients::PushQuery,
    deps::Deps,
    http::{
        body::{Id, Params, Whole, visible_ascii},
        problem::{Problem, ProblemBody},
    },
};

/// What tells a platform that it need not deliver again.
const SUCCESS: &str = "success";

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .app_data(Data::new(Gate::default()))
        .service(verify_wechat_address)
        .service(take_in_wechat_push)
        .service(take_in_alipay_notification);
}

/// The query of whatever WeChat calls. More may stand there.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
struct PushParams {
    /// SHA-1 over token, timestamp and nonce.
    #[validate(length(max = 64))]
    #[param(max_length = 64)]
    signature: String,
    /// Unix seconds.
    #[validate(length(max = 20))]
    #[param(max_length = 20)]
    timestamp: String,
    /// A nonce.
    #[validate(length(max = 64))]
    #[param(max_length = 64)]
    nonce: String,
    /// SHA-1 over token, timestamp, nonce and the encrypted message.
    #[validate(length(max = 64))]
    #[param(max_length = 64)]
    msg_signature: Option<String>,
    /// `aes` where the message is encrypted.
    #[validate(length(max = 16))]
    #[param(max_length = 16)]
    encrypt_type: Option<String>,
}

impl From<PushParams> for PushQuery {
    fn from(query: PushParams) -> Self {
        Self {
            signature: query.signature,
            timestamp: query.timestamp,
            nonce: query.nonce,
            msg_signature: query.msg_signature,
            encrypt_type: query.encrypt_type,
        }
    }
}

/// What WeChat wants to see again.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
struct EchoParams {
    /// Visible ASCII characters.
    #[validate(length(min = 1, max = 256), custom(function = "visible_ascii"))]
    #[param(min_length = 1, max_length = 256, pattern = "^[!-~]+$")]
    echostr: String,
}

/// Prove to WeChat that this address is ours.
///
/// WeChat asks when the message push of an app is set up.
#[utoipa::path(
    tag = "platforms",
    operation_id = "verifyWechatAddress",
    params(
        ("app_id" = String, Path, description = "The mini-program"),
        PushParams,
        EchoParams,
    ),
    responses(
        (status = 200, body = String, content_type = "text/plain", description = "The `echostr`"),
        (status = "4XX", body = ProblemBody, content_type = "application/problem+json", description = "Not WeChat's, or too old"),
        (status = "5XX", body = ProblemBody, content_type = "application/problem+json", description = "Failed"),
    ),
)]
#[get("/platforms/wechat/{app_id}/push")]
async fn verify_wechat_address(
    deps: Data<Deps>,
    app_id: Id<String>,
    query: Params<PushParams>,
    echo: Params<EchoParams>,
) -> Result<HttpResponse, Problem> {
    let asker = service::verify_asker(&deps, &app_id.0, &query.0.into());
    service::account(Platform::Wechat, &asker);
    asker?;
    Ok(plain(echo.0.echostr))
}

/// Take in a message of WeChat's.
///
/// In the mode that the app is set to, in either format; a weaker mode is refused. Delivered again, a
/// message is acknowledged and has no second effect. WeChat delivers again whatever is not acknowledged
/// within five seconds.
#[utoipa::path(
    tag = "platforms",
    operation_id = "takeInWechatPush",
    params(
        ("app_id" = String, Path, description = "The mini-program"),
        PushParams,
    ),
    request_body(
        description = "What WeChat pushes",
        content((Object = "application/json"), (Object = "text/xml")),
    ),
    responses(
        (status = 200, body = String, content_type = "text/plain", description = "`success`: taken in, now or before"),
        (status = "4XX", body = ProblemBody, content_type = "application/problem+json", description = "Not WeChat's, not for this app, or too old"),
        (status = "5XX", body = ProblemBody, content_type = "application/problem+json", description = "Deliver again later"),
    ),
)]
#[post("/platforms/wechat/{app_id}/push")]
async fn take_in_wechat_push(
    deps: Data<Deps>,
    gate: Data<Gate>,
    app_id: Id<String>,
    query: Params<PushParams>,
    body: Whole,
) -> Result<HttpResponse, Problem> {
    let query = query.0.into();
    let work = Box::pin(service::take_in_push(&deps, &app_id.0, &query, &body.0));
    acknowledge(Platform::Wechat, gate.pass(work).await)
}

/// Take in a notification of Alipay's.
///
/// Delivered again, it is acknowledged and has no second effect. Alipay delivers again for 25 hours
/// whatever is not acknowledged.
#[utoipa::path(
    tag = "platforms",
    operation_id = "takeInAlipayNotification",
    request_body(
        content = Object,
        content_type = "application/x-www-form-urlencoded",
        description = "What Alipay notifies of, with its signature",
    ),
    responses(
        (status = 200, body = String, content_type = "text/plain", description = "`success`: taken in, now or before"),
        (status = "4XX", body = ProblemBody, content_type = "application/problem+json", description = "Not Alipay's, or not for one of our apps"),
        (status = "5XX", body = ProblemBody, content_type = "application/problem+json", description = "Deliver again later"),
    ),
)]
#[post("/platforms/alipay/notifications")]
async fn take_in_alipay_notification(
    deps: Data<Deps>,
    gate: Data<Gate>,
    body: Whole,
) -> Result<HttpResponse, Problem> {
    let work = Box::pin(service::take_in_notification(&deps, &body.0));
    acknowledge(Platform::Alipay, gate.pass(work).await)
}

fn acknowledge(platform: Platform, outcome: Result<Taken, Error>) -> Result<HttpResponse, Problem> {
    service::account(platform, &outcome);
    outcome?;
    Ok(plain(SUCCESS))
}

fn plain(text: impl Into<String>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::plaintext())
        .body(text.into())
}
