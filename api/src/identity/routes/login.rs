//! Log-in.

use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use actix_web::{
    FromRequest, HttpRequest, Responder,
    dev::Payload,
    http::{StatusCode, header},
    post,
    web::{Data, Json},
};
use entity::values::{PersonId, Phone, SessionId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::super::{
    error::Error,
    service::{
        codes::{self, Asker},
        login::{self, Accepted, Visitor, WeChatPhone},
        sessions::Grant,
    },
};
use crate::{
    clients::EncryptedPhone,
    deps::Deps,
    http::{
        body::Valid,
        client::ClientAddress,
        problem::{Problem, Problems},
    },
};

/// Characters of a device's name, at the most.
const LONGEST_DEVICE: usize = 64;

/// What the client calls itself, where it does not name its device.
pub(super) struct UserAgent(String);

impl FromRequest for UserAgent {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let name = request.headers().get(header::USER_AGENT);
        let name = name.and_then(|name| name.to_str().ok()).unwrap_or_default();
        ready(Ok(Self(name.chars().take(LONGEST_DEVICE).collect())))
    }
}

impl UserAgent {
    /// The name of the device: as it says, or else what it runs.
    pub(super) fn or<'a>(&'a self, device: Option<&'a String>) -> &'a str {
        device.unwrap_or(&self.0)
    }
}

/// A request for a one-time code.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct SmsCodeRequest {
    /// A mainland mobile number.
    #[validate(length(max = 64))]
    #[schema(max_length = 64, example = "13800138000")]
    phone: String,
    /// A name that the client keeps for its device, the same at each request.
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64)]
    #[serde(default)]
    device: Option<String>,
}

/// A one-time code is on its way.
#[derive(Serialize, ToSchema)]
struct SmsCodeView {
    /// To be named when the code is entered.
    request_id: Uuid,
    /// Seconds that the code is good for.
    expires_in: u64,
    /// Seconds until another may be asked for.
    resend_after: u64,
}

/// The versions that were read and accepted.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct AcceptedVersions {
    /// Version of the terms of use.
    #[validate(length(max = 16))]
    #[schema(max_length = 16, example = "2026-11-23")]
    terms: String,
    /// Version of the privacy notice.
    #[validate(length(max = 16))]
    #[schema(max_length = 16, example = "2026-11-23")]
    privacy: String,
}

impl AcceptedVersions {
    fn versions(&self) -> Accepted<'_> {
        Accepted {
            terms: &self.terms,
            privacy: &self.privacy,
        }
    }
}

/// A log-in by SMS.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct SmsLogin {
    /// Of the request for the code.
    request_id: Uuid,
    /// The number that the code was sent to.
    #[validate(length(max = 64))]
    #[schema(max_length = 64, example = "13800138000")]
    phone: String,
    /// Six digits.
    #[validate(length(equal = 6))]
    #[schema(example = "123456", min_length = 6, max_length = 6)]
    code: String,
    /// The versions that were read and accepted.
    #[validate(nested)]
    accepted: AcceptedVersions,
    /// A name that the client keeps for its device, the same at each request.
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64)]
    #[serde(default)]
    device: Option<String>,
    /// Number of the document that the phone's owner was verified with. Asked for with
    /// `identity-check-required` where nobody logged in with the number for 90 days.
    #[validate(length(min = 1, max = 32))]
    #[schema(min_length = 1, max_length = 32)]
    #[serde(default)]
    document_number: Option<String>,
}

/// What the `getPhoneNumber` button of an older WeChat gave the page.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct EncryptedPhoneBody {
    /// `encryptedData`, unchanged.
    #[validate(length(min = 1, max = 4096))]
    #[schema(min_length = 1, max_length = 4096)]
    encrypted_data: String,
    /// `iv`, unchanged.
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64)]
    iv: String,
}

/// A log-in through WeChat.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct WeChatLogin {
    /// The mini-program.
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64)]
    app_id: String,
    /// What `wx.login` gave the page.
    #[validate(length(min = 1, max = 512))]
    #[schema(min_length = 1, max_length = 512)]
    login_code: String,
    /// The `code` that the `getPhoneNumber` button gave the page.
    #[validate(length(min = 1, max = 512))]
    #[schema(min_length = 1, max_length = 512)]
    #[serde(default)]
    phone_code: Option<String>,
    /// In place of `phone_code`, where WeChat is too old to give one. `wx.login` has to come before the
    /// tap.
    #[validate(nested)]
    #[serde(default)]
    encrypted_phone: Option<EncryptedPhoneBody>,
    /// The versions that were read and accepted.
    #[validate(nested)]
    accepted: AcceptedVersions,
    /// A name that the client keeps for its device, the same at each request.
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64)]
    #[serde(default)]
    device: Option<String>,
    /// Number of the document that the phone's owner was verified with. Asked for with
    /// `identity-check-required` where nobody logged in with the number for 90 days.
    #[validate(length(min = 1, max = 32))]
    #[schema(min_length = 1, max_length = 32)]
    #[serde(default)]
    document_number: Option<String>,
}

impl WeChatLogin {
    fn phone(&self) -> Result<WeChatPhone<'_>, Error> {
        match (&self.phone_code, &self.encrypted_phone) {
            (Some(code), None) => Ok(WeChatPhone::Code(code)),
            (None, Some(phone)) => Ok(WeChatPhone::Encrypted(EncryptedPhone {
                encrypted_data: &phone.encrypted_data,
                iv: &phone.iv,
            })),
            _ => Err(Error::OnePhone),
        }
    }
}

/// A log-in through Alipay.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct AlipayLogin {
    /// The mini-program.
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64)]
    app_id: String,
    /// What `my.getAuthCode` gave the page.
    #[validate(length(min = 1, max = 512))]
    #[schema(min_length = 1, max_length = 512)]
    auth_code: String,
    /// What `my.getPhoneNumber` gave the page: its `response`, unchanged.
    #[validate(length(min = 1, max = 8192))]
    #[schema(min_length = 1, max_length = 8192)]
    phone_payload: String,
    /// The versions that were read and accepted.
    #[validate(nested)]
    accepted: AcceptedVersions,
    /// A name that the client keeps for its device, the same at each request.
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64)]
    #[serde(default)]
    device: Option<String>,
    /// Number of the document that the phone's owner was verified with. Asked for with
    /// `identity-check-required` where nobody logged in with the number for 90 days.
    #[validate(length(min = 1, max = 32))]
    #[schema(min_length = 1, max_length = 32)]
    #[serde(default)]
    document_number: Option<String>,
}

/// Tokens of a session.
#[derive(Serialize, ToSchema)]
pub(super) struct TokensView {
    /// Who logged in.
    person_id: PersonId,
    /// Proves the session, in `Authorization: Bearer`.
    access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds that the access token is good for.
    expires_in: i64,
    /// Good once, for the next tokens.
    refresh_token: String,
    /// Which session.
    session_id: SessionId,
}

impl From<Grant> for TokensView {
    fn from(grant: Grant) -> Self {
        Self {
            person_id: grant.citizen.person,
            access_token: grant.access_token,
            token_type: "Bearer",
            expires_in: grant.expires_in,
            refresh_token: grant.refresh_token.reveal().into(),
            session_id: grant.citizen.session,
        }
    }
}

/// Send a one-time code by SMS.
///
/// The answer is the same whether or not the number is known here. A new code takes the place of the
/// one before; guesses at either count together. No `Idempotency-Key`: a repetition within a minute
/// is refused with `Retry-After`.
#[utoipa::path(
    tag = "login",
    operation_id = "sendSmsCode",
    request_body = SmsCodeRequest,
    responses(
        (status = 202, body = SmsCodeView, description = "On its way"),
        Problems,
    ),
)]
#[post("/login/sms-codes")]
pub(super) async fn send_sms_code(
    deps: Data<Deps>,
    address: ClientAddress,
    body: Valid<SmsCodeRequest>,
) -> Result<impl Responder, Problem> {
    let Valid(body) = body;
    let phone = read_phone(&body.phone)?;
    let device = body.device.as_deref();
    let sent = codes::send(&deps, &phone, Asker { address, device }).await?;
    let view = SmsCodeView {
        request_id: sent.request_id,
        expires_in: sent.expires_in,
        resend_after: sent.resend_after,
    };
    Ok((Json(view), StatusCode::ACCEPTED))
}

/// Log in with a one-time code.
///
/// The first log-in of a number makes a person. No `Idempotency-Key`: the code is good once. A code
/// that is wrong, over, used, or of another request or number is refused in the same words.
#[utoipa::path(
    tag = "login",
    operation_id = "logInBySms",
    request_body = SmsLogin,
    responses(
        (status = 200, body = TokensView, description = "Logged in"),
        Problems,
    ),
)]
#[post("/login/sms")]
pub(super) async fn by_sms(
    deps: Data<Deps>,
    agent: UserAgent,
    body: Valid<SmsLogin>,
) -> Result<Json<TokensView>, Problem> {
    let Valid(body) = body;
    let grant = login::by_sms(
        &deps,
        &read_phone(&body.phone)?,
        body.request_id,
        &body.code,
        Visitor {
            accepted: body.accepted.versions(),
            device: agent.or(body.device.as_ref()),
            document: body.document_number.as_deref(),
        },
    )
    .await?;
    Ok(Json(grant.into()))
}

/// Log in through WeChat.
///
/// The phone number is the one that WeChat vouches for, by `phone_code` or `encrypted_phone`; the
/// person is whose number it is. No `Idempotency-Key`: the codes are good once.
#[utoipa::path(
    tag = "login",
    operation_id = "logInByWeChat",
    request_body = WeChatLogin,
    responses(
        (status = 200, body = TokensView, description = "Logged in"),
        Problems,
    ),
)]
#[post("/login/wechat")]
pub(super) async fn by_wechat(
    deps: Data<Deps>,
    agent: UserAgent,
    body: Valid<WeChatLogin>,
) -> Result<Json<TokensView>, Problem> {
    let Valid(body) = body;
    let phone = body.phone()?;
    let grant = login::by_wechat(
        &deps,
        &body.app_id,
        &body.login_code,
        phone,
        Visitor {
            accepted: body.accepted.versions(),
            device: agent.or(body.device.as_ref()),
            document: body.document_number.as_deref(),
        },
    )
    .await?;
    Ok(Json(grant.into()))
}

/// Log in through Alipay.
///
/// The phone number is the one in the payload; the person is whose number it is. No
/// `Idempotency-Key`: code and payload are good once. An Alipay account that stands for somebody
/// else is refused with `sms-check-required`.
#[utoipa::path(
    tag = "login",
    operation_id = "logInByAlipay",
    request_body = AlipayLogin,
    responses(
        (status = 200, body = TokensView, description = "Logged in"),
        Problems,
    ),
)]
#[post("/login/alipay")]
pub(super) async fn by_alipay(
    deps: Data<Deps>,
    agent: UserAgent,
    body: Valid<AlipayLogin>,
) -> Result<Json<TokensView>, Problem> {
    let Valid(body) = body;
    let grant = login::by_alipay(
        &deps,
        &body.app_id,
        &body.auth_code,
        &body.phone_payload,
        Visitor {
            accepted: body.accepted.versions(),
            device: agent.or(body.device.as_ref()),
            document: body.document_number.as_deref(),
        },
    )
    .await?;
    Ok(Json(grant.into()))
}

fn read_phone(text: &str) -> Result<Phone, Error> {
    Phone::parse(text).map_err(|_| Error::Phone)
}
