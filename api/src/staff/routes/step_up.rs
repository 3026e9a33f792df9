//! Proving oneself again.

use actix_web::{
    post,
    web::{Data, Json},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{
    super::{actor::Staff, service::stepping_up},
    keys::{KeyRequestView, KeyUse},
};
use crate::{
    deps::Deps,
    http::{
        body::Valid,
        problem::{Problem, Problems},
    },
};

/// A code.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct StepUpRequest {
    /// The six digits that the app shows, other than those before.
    #[validate(length(min = 6, max = 6))]
    #[schema(min_length = 6, max_length = 6, example = "287082")]
    code: String,
}

/// For how long a proof counts.
#[derive(Serialize, ToSchema)]
pub(super) struct StepUpView {
    /// Until when nothing asks for another.
    fresh_until: DateTime<Utc>,
}

/// Prove oneself again with a code, for what is sensitive.
#[utoipa::path(
    tag = "staff",
    operation_id = "stepUpByTotp",
    request_body = StepUpRequest,
    security(("staff" = [])),
    responses(
        (status = 200, body = StepUpView, description = "Proved, for five minutes"),
        Problems,
    ),
)]
#[post("/staff/step-up/totp")]
pub(super) async fn by_totp(
    staff: Staff,
    deps: Data<Deps>,
    body: Valid<StepUpRequest>,
) -> Result<Json<StepUpView>, Problem> {
    let fresh_until = stepping_up::by_totp(&deps, &staff, &body.0.code).await?;
    Ok(Json(StepUpView { fresh_until }))
}

/// Ask for a challenge to prove oneself again with a key.
#[utoipa::path(
    tag = "staff",
    operation_id = "challengeStepUp",
    security(("staff" = [])),
    responses(
        (status = 200, body = KeyRequestView, description = "What to ask the browser for"),
        Problems,
    ),
)]
#[post("/staff/step-up/webauthn/challenges")]
pub(super) async fn challenge(
    staff: Staff,
    deps: Data<Deps>,
) -> Result<Json<KeyRequestView>, Problem> {
    let challenge = stepping_up::challenge(&deps, &staff).await?;
    Ok(Json(KeyRequestView::new(challenge, &deps.staff.rp_id)))
}

/// Prove oneself again with a key, for what is sensitive.
#[utoipa::path(
    tag = "staff",
    operation_id = "stepUpByKey",
    request_body = KeyUse,
    security(("staff" = [])),
    responses(
        (status = 200, body = StepUpView, description = "Proved, for five minutes"),
        Problems,
    ),
)]
#[post("/staff/step-up/webauthn")]
pub(super) async fn by_key(
    staff: Staff,
    deps: Data<Deps>,
    body: Valid<KeyUse>,
) -> Result<Json<StepUpView>, Problem> {
    let used = (&body.0).try_into()?;
    let fresh_until = stepping_up::by_key(&deps, &staff, &used).await?;
    Ok(Json(StepUpView { fresh_until }))
}
