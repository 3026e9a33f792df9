//! Enrolling, with the secret of an invitation.

use actix_web::{
    HttpResponse, post,
    web::{Data, Json},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{
    super::{service::enrolling, webauthn::Algorithm},
    keys::{TIMEOUT, bytes},
};
use crate::{
    deps::Deps,
    http::{
        body::Valid,
        client::ClientAddress,
        problem::{Problem, Problems},
    },
};

/// An invitation.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StaffEnrolmentRequest)]
struct EnrolmentRequest {
    /// The secret of the invitation.
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64)]
    secret: String,
}

/// A first code.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct TotpConfirmation {
    /// The secret of the invitation.
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64)]
    secret: String,
    /// The six digits that the app shows.
    #[validate(length(min = 6, max = 6))]
    #[schema(min_length = 6, max_length = 6, example = "287082")]
    code: String,
}

/// A key that was made: what `navigator.credentials.create` gave, each part in base64url.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct KeyConfirmation {
    /// The secret of the invitation.
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64)]
    secret: String,
    /// `response.clientDataJSON`.
    #[validate(length(min = 1, max = 4_096))]
    #[schema(min_length = 1, max_length = 4_096)]
    client_data: String,
    /// `response.attestationObject`.
    #[validate(length(min = 1, max = 8_192))]
    #[schema(min_length = 1, max_length = 8_192)]
    attestation_object: String,
}

/// A shared secret.
#[derive(Serialize, ToSchema)]
struct TotpView {
    /// What to log in with beside a code.
    #[schema(example = "k7m2p9xq")]
    handle: String,
    /// What the app reads, as a picture or a link. Shown once.
    otpauth_uri: String,
}

/// What to ask the browser for: `publicKey` of `navigator.credentials.create`, with the challenge and
/// the user's id in base64url.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct KeyOptionsView {
    /// Random, good once, for five minutes.
    challenge: String,
    /// The service that the key is for.
    rp: PartyView,
    /// Whose it will be.
    user: UserView,
    /// What it may sign with, the best first.
    pub_key_cred_params: [AlgorithmView; 2],
    /// What the authenticator must be able to.
    authenticator_selection: SelectionView,
    /// Always `none`: which authenticator it is does not matter.
    attestation: &'static str,
    /// Milliseconds that the browser may take.
    timeout: u32,
}

/// The service that a key is for.
#[derive(Serialize, ToSchema)]
struct PartyView {
    /// Its domain.
    id: String,
    /// Its name.
    name: String,
}

/// Whose a key will be.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct UserView {
    /// The account.
    id: String,
    /// What the account is called.
    name: String,
    /// The same.
    display_name: String,
}

/// What a key may sign with.
#[derive(Serialize, ToSchema)]
struct AlgorithmView {
    /// Always `public-key`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// Its number in the IANA COSE registry.
    alg: i64,
}

/// What an authenticator must be able to.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SelectionView {
    /// Always `required`: the key is found without naming whose it is.
    resident_key: &'static str,
    /// Always `required`: the authenticator asks who is there.
    user_verification: &'static str,
}

/// Begin to enrol an app that computes codes.
///
/// The secret in the answer is good once it is confirmed with a code; until then this can be asked
/// for again, and gives another one.
#[utoipa::path(
    tag = "staff",
    operation_id = "enrolTotp",
    request_body = EnrolmentRequest,
    responses(
        (status = 200, body = TotpView, description = "The secret that the app shares"),
        Problems,
    ),
)]
#[post("/staff/enrolment/totp")]
pub(super) async fn totp(
    deps: Data<Deps>,
    address: ClientAddress,
    body: Valid<EnrolmentRequest>,
) -> Result<Json<TotpView>, Problem> {
    let enrolling = enrolling::with_secret(&deps, address, &body.0.secret).await?;
    let otpauth_uri = enrolling::totp(&deps, &enrolling).await?;
    Ok(Json(TotpView {
        handle: enrolling.account.handle,
        otpauth_uri,
    }))
}

/// Confirm the app with a first code. The invitation is spent, and the code is.
#[utoipa::path(
    tag = "staff",
    operation_id = "confirmTotp",
    request_body = TotpConfirmation,
    responses(
        (status = 204, description = "Enrolled: log in with the next code"),
        Problems,
    ),
)]
#[post("/staff/enrolment/totp/confirmation")]
pub(super) async fn confirm_totp(
    deps: Data<Deps>,
    address: ClientAddress,
    body: Valid<TotpConfirmation>,
) -> Result<HttpResponse, Problem> {
    let enrolling = enrolling::with_secret(&deps, address, &body.0.secret).await?;
    enrolling::confirm_totp(&deps, &enrolling, &body.0.code).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Begin to enrol a key of an authenticator.
#[utoipa::path(
    tag = "staff",
    operation_id = "enrolKey",
    request_body = EnrolmentRequest,
    responses(
        (status = 200, body = KeyOptionsView, description = "What to ask the browser for"),
        Problems,
    ),
)]
#[post("/staff/enrolment/webauthn")]
pub(super) async fn options(
    deps: Data<Deps>,
    address: ClientAddress,
    body: Valid<EnrolmentRequest>,
) -> Result<Json<KeyOptionsView>, Problem> {
    let enrolling = enrolling::with_secret(&deps, address, &body.0.secret).await?;
    let challenge = enrolling::challenge(&deps, &enrolling).await?;
    let account = enrolling.account;
    Ok(Json(KeyOptionsView {
        challenge,
        rp: PartyView {
            id: deps.staff.rp_id.clone(),
            name: deps.staff.name.clone(),
        },
        user: UserView {
            id: BASE64_URL_SAFE_NO_PAD.encode(account.id.0.as_bytes()),
            name: account.handle.clone(),
            display_name: account.handle,
        },
        pub_key_cred_params: [Algorithm::EdDsa, Algorithm::Es256].map(|algorithm| AlgorithmView {
            kind: "public-key",
            alg: algorithm.id(),
        }),
        authenticator_selection: SelectionView {
            resident_key: "required",
            user_verification: "required",
        },
        attestation: "none",
        timeout: TIMEOUT,
    }))
}

/// Enrol the key that the authenticator made. The invitation is spent.
#[utoipa::path(
    tag = "staff",
    operation_id = "confirmKey",
    request_body = KeyConfirmation,
    responses(
        (status = 204, description = "Enrolled: log in with the key"),
        Problems,
    ),
)]
#[post("/staff/enrolment/webauthn/confirmation")]
pub(super) async fn keep_key(
    deps: Data<Deps>,
    address: ClientAddress,
    body: Valid<KeyConfirmation>,
) -> Result<HttpResponse, Problem> {
    let Valid(body) = body;
    let client_data = bytes("client_data", &body.client_data)?;
    let attestation = bytes("attestation_object", &body.attestation_object)?;
    let enrolling = enrolling::with_secret(&deps, address, &body.secret).await?;
    enrolling::keep_key(&deps, &enrolling, &client_data, &attestation).await?;
    Ok(HttpResponse::NoContent().finish())
}
