//! What the page tells us of the user's permissions, where the platform does not.

use actix_web::{post, web::Data};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

use super::service::{self, FormIdView, Submitted};
use crate::{
    deps::Deps,
    http::{
        body::{Valid, visible_ascii},
        idempotency::{Answer, IdempotencyKey, KeyHeader},
        problem::{Problem, Problems},
    },
    identity::Citizen,
};

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(keep_form_id);
}

/// A form that was submitted in an Alipay mini-program.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct FormIdRequest {
    /// The app.
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64, example = "2021000100000001")]
    app_id: String,
    /// What `report-submit` gave the page: visible ASCII characters.
    #[validate(length(min = 1, max = 64), custom(function = "visible_ascii"))]
    #[schema(min_length = 1, max_length = 64, pattern = "^[!-~]+$")]
    form_id: String,
}

/// Keep a form's id.
///
/// Allows one message through Alipay within seven days. The caller must have logged in through that
/// app. One that was kept before is answered with 200 and allows no second message; of more than 30 the
/// oldest are given up.
#[utoipa::path(
    tag = "messages",
    operation_id = "keepFormId",
    params(KeyHeader),
    request_body = FormIdRequest,
    security(("session" = [])),
    responses(
        (status = 201, body = FormIdView, description = "Kept"),
        (status = 200, body = FormIdView, description = "Was kept already"),
        Problems,
    ),
)]
#[post("/me/form-ids")]
async fn keep_form_id(
    citizen: Citizen,
    deps: Data<Deps>,
    key: IdempotencyKey,
    body: Valid<FormIdRequest>,
) -> Result<Answer, Problem> {
    let form = Submitted {
        app_id: &body.0.app_id,
        form_id: &body.0.form_id,
    };
    Ok(service::keep_form(&deps, &citizen, &key, &form).await?)
}
