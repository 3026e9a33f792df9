//! Pass cards at the window, and marks of false declarations.

use actix_web::{post, web::Data};
use entity::values::PassApplicationId;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    cards::{self, CardView},
    marking,
    views::{
        ApplicationView, FalseDeclarationRequest, LiftRequest, ReplacementRequest, WindowRequest,
    },
    window,
};
use crate::{
    declarations::{CheckInReport, CheckInView},
    deps::Deps,
    http::{
        body::{Id, Valid},
        idempotency::{Answer, IdempotencyKey, KeyHeader},
        problem::{Problem, Problems},
    },
    staff::Staff,
};

/// Mount the routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(take)
        .service(replace)
        .service(check_in)
        .service(mark)
        .service(lift);
}

/// Take an application for a pass card down at a window.
///
/// The person stands there with their document and needs no phone. The registry vouches for them, and
/// what they declare is kept as theirs. It is decided at once, or within six hours.
#[utoipa::path(
    tag = "pass cards",
    operation_id = "takePassApplication",
    params(KeyHeader),
    request_body = WindowRequest,
    security(("staff" = [])),
    responses(
        (status = 201, body = ApplicationView, description = "Filed"),
        Problems,
    ),
)]
#[post("/staff/pass-applications")]
async fn take(
    staff: Staff,
    deps: Data<Deps>,
    key: IdempotencyKey,
    body: Valid<WindowRequest>,
) -> Result<Answer, Problem> {
    Ok(window::take(&deps, &staff, &key, body.0).await?)
}

/// Check somebody in for today who applied at a window.
///
/// For people without a phone: the clerk asks them, and what they say is kept as their own report, with the
/// clerk on record. The first report of a day stands; posting again finds it.
#[utoipa::path(
    tag = "pass cards",
    operation_id = "checkInAtWindow",
    params(
        ("application" = PassApplicationId, Path, description = "Which"),
        KeyHeader,
    ),
    request_body = CheckInReport,
    security(("staff" = [])),
    responses(
        (status = 201, body = CheckInView, description = "Checked in"),
        (status = 200, body = CheckInView, description = "Checked in before"),
        Problems,
    ),
)]
#[post("/staff/pass-applications/{application}/check-ins")]
async fn check_in(
    staff: Staff,
    deps: Data<Deps>,
    application: Id<PassApplicationId>,
    key: IdempotencyKey,
    body: Valid<CheckInReport>,
) -> Result<Answer, Problem> {
    Ok(window::check_in(&deps, &staff, application.0, &key, body.0).await?)
}

/// Have another card for the days of the one that was issued on an application. The one before is void
/// at once.
#[utoipa::path(
    tag = "pass cards",
    operation_id = "replacePassCardAtWindow",
    params(
        ("application" = PassApplicationId, Path, description = "Which"),
        KeyHeader,
    ),
    request_body = ReplacementRequest,
    security(("staff" = [])),
    responses(
        (status = 201, body = CardView, description = "The new card"),
        Problems,
    ),
)]
#[post("/staff/pass-applications/{application}/replacement")]
async fn replace(
    staff: Staff,
    deps: Data<Deps>,
    application: Id<PassApplicationId>,
    key: IdempotencyKey,
    body: Valid<ReplacementRequest>,
) -> Result<Answer, Problem> {
    let reason = body.0.reason;
    Ok(cards::replace_at_window(&deps, &staff, application.0, &key, reason).await?)
}

/// Mark what was declared for an application as not true.
///
/// What was declared stays as it was declared. While the mark stands, the card that was issued on the
/// application does not count and the clock issues the person no other; the person sees the mark, why,
/// and whom to call.
#[utoipa::path(
    tag = "pass cards",
    operation_id = "markFalseDeclaration",
    params(
        ("application" = PassApplicationId, Path, description = "Which"),
        KeyHeader,
    ),
    request_body = FalseDeclarationRequest,
    security(("staff" = [])),
    responses(
        (status = 200, body = ApplicationView, description = "Marked"),
        Problems,
    ),
)]
#[post("/staff/pass-applications/{application}/false-declaration")]
async fn mark(
    staff: Staff,
    deps: Data<Deps>,
    application: Id<PassApplicationId>,
    key: IdempotencyKey,
    body: Valid<FalseDeclarationRequest>,
) -> Result<Answer, Problem> {
    Ok(marking::mark(&deps, &staff, application.0, &key, body.0).await?)
}

/// Take a mark of a false declaration back.
///
/// For reviewers of the level above those who made it; at the top, for somebody else there.
#[utoipa::path(
    tag = "pass cards",
    operation_id = "liftFalseDeclaration",
    params(
        ("application" = PassApplicationId, Path, description = "Which"),
        KeyHeader,
    ),
    request_body = LiftRequest,
    security(("staff" = [])),
    responses(
        (status = 200, body = ApplicationView, description = "Taken back"),
        Problems,
    ),
)]
#[post("/staff/pass-applications/{application}/false-declaration/withdrawal")]
async fn lift(
    staff: Staff,
    deps: Data<Deps>,
    application: Id<PassApplicationId>,
    key: IdempotencyKey,
    body: Valid<LiftRequest>,
) -> Result<Answer, Problem> {
    Ok(marking::lift(&deps, &staff, application.0, &key, body.0).await?)
}
