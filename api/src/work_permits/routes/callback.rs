//! Where the data centre calls us. There is no session here: its signature is what lets in.

use actix_web::{HttpRequest, HttpResponse, http::header::ContentType, post, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    deps::Deps,
    http::{
        body::Whole,
        problem::{Problem, ProblemBody},
    },
    work_permits::answering,
};

/// Mount the route.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(take_in);
}

const SIGNATURE: &str = "data-centre-signature";

/// Take in an answer of the data centre's.
///
/// It signs each call: `Data-Centre-Signature: t=<Unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`.
/// Delivered again, an answer is acknowledged and has no second effect; one for a batch that nobody sent is
/// refused.
#[utoipa::path(
    tag = "platforms",
    operation_id = "takeInDataCentreAnswer",
    request_body(content = Object, content_type = "application/json", description = "The batch, and what was found about whom"),
    responses(
        (status = 200, body = String, content_type = "text/plain", description = "`success`: taken in, now or before"),
        (status = "4XX", body = ProblemBody, content_type = "application/problem+json", description = "Not the data centre's, or for no batch of ours"),
        (status = "5XX", body = ProblemBody, content_type = "application/problem+json", description = "Deliver again later"),
    ),
)]
#[post("/platforms/data-centre/answers")]
async fn take_in(
    deps: Data<Deps>,
    request: HttpRequest,
    body: Whole,
) -> Result<HttpResponse, Problem> {
    let signature = request.headers().get(SIGNATURE);
    let signature = signature.and_then(|it| it.to_str().ok());
    Box::pin(answering::take_in_call(
        &deps,
        signature.unwrap_or_default(),
        &body.0,
    ))
    .await?;
    Ok(HttpResponse::Ok()
        .content_type(ContentType::plaintext())
        .body("success"))
}
