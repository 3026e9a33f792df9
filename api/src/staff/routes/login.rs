//! Logging in and out.

use actix_web::{
    HttpResponse, delete, post,
    web::{Data, Json},
};
use chrono::{DateTime, Utc};
use entity::values::{StaffId, StaffSessionId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{
    super::{
        actor::Staff,
        service::log_in::{self, Began},
    },
    keys::{KeyRequestView, KeyUse},
};
use crate::{
    deps::Deps,
    http::{
        body::Valid,
        client::ClientAddress,
        problem::{Problem, Problems},
    },
};

/// A log-in with a code.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct StaffLoginRequest {
    /// What the account is called, as the invitation said.
    #[validate(length(min = 1, max = 16))]
    #[schema(min_length = 1, max_length = 16, example = "k7m2p9xq")]
    handle: String,
    /// The six digits that the app shows.
    #[validate(length(min = 6, max = 6))]
    #[schema(min_length = 6, max_length = 6, example = "287082")]
    code: String,
}

/// A session of staff.
#[derive(Serialize, ToSchema)]
pub(super) struct StaffSessionView {
    /// Who.
    account_id: StaffId,
    /// Which log-in.
    session_id: StaffSessionId,
    /// To be sent as `Authorization: Bearer`. Shown once.
    token: String,
    /// When it ends whatever happens. Unused for a quarter of an hour, it ends before.
    expires_at: DateTime<Utc>,
}

impl From<Began> for StaffSessionView {
    fn from(Began { session, token }: Began) -> Self {
        Self {
            account_id: session.account_id,
            session_id: session.id,
            token: token.reveal().to_owned(),
            expires_at: session.expires_at,
        }
    }
}

/// Log in with a code of an app.
///
/// Ends any session before. Each code is good once; whatever is wrong, the answer is the same.
#[utoipa::path(
    tag = "staff",
    operation_id = "staffLogInByTotp",
    request_body = StaffLoginRequest,
    responses(
        (status = 200, body = StaffSessionView, description = "A session"),
        Problems,
    ),
)]
#[post("/staff/login/totp")]
pub(super) async fn by_totp(
    deps: Data<Deps>,
    address: ClientAddress,
    body: Valid<StaffLoginRequest>,
) -> Result<Json<StaffSessionView>, Problem> {
    let Valid(StaffLoginRequest { handle, code }) = body;
    let began = log_in::by_totp(&deps, address, &handle, &code).await?;
    Ok(Json(began.into()))
}

/// Ask for a challenge to log in with a key.
#[utoipa::path(
    tag = "staff",
    operation_id = "challengeStaffLogIn",
    responses(
        (status = 200, body = KeyRequestView, description = "What to ask the browser for"),
        Problems,
    ),
)]
#[post("/staff/login/webauthn/challenges")]
pub(super) async fn challenge(
    deps: Data<Deps>,
    address: ClientAddress,
) -> Result<Json<KeyRequestView>, Problem> {
    let challenge = log_in::challenge(&deps, address).await?;
    Ok(Json(KeyRequestView::new(challenge, &deps.staff.rp_id)))
}

/// Log in with a key.
///
/// Ends any session before. Each challenge is good for one answer; whatever is wrong, ours is the
/// same.
#[utoipa::path(
    tag = "staff",
    operation_id = "staffLogInByKey",
    request_body = KeyUse,
    responses(
        (status = 200, body = StaffSessionView, description = "A session"),
        Problems,
    ),
)]
#[post("/staff/login/webauthn")]
pub(super) async fn by_key(
    deps: Data<Deps>,
    address: ClientAddress,
    body: Valid<KeyUse>,
) -> Result<Json<StaffSessionView>, Problem> {
    let began = log_in::by_key(&deps, address, &(&body.0).try_into()?).await?;
    Ok(Json(began.into()))
}

/// Log out.
#[utoipa::path(
    tag = "staff",
    operation_id = "staffLogOut",
    security(("staff" = [])),
    responses(
        (status = 204, description = "The session is over"),
        Problems,
    ),
)]
#[delete("/staff/session")]
pub(super) async fn log_out(staff: Staff, deps: Data<Deps>) -> Result<HttpResponse, Problem> {
    log_in::log_out(&deps, &staff).await?;
    Ok(HttpResponse::NoContent().finish())
}
