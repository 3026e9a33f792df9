//! Units.

use actix_web::{
    HttpResponse, delete, get, post,
    web::{Data, Json},
};
use chrono::{DateTime, Utc};
use entity::values::{AgentId, CertificateKind, OrganisationId, OrganisationSessionId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

use super::{
    acting,
    actor::{UnitActor, UnitSession},
    agents, logging_in,
    views::{
        AgentView, InvitationRequest, InvitationView, MyOrganisationsView, MyUnitView, UnitView,
    },
};
use crate::{
    deps::Deps,
    http::{
        body::{Id, Valid},
        client::ClientAddress,
        idempotency::{Answer, IdempotencyKey, KeyHeader},
        problem::{Problem, Problems},
    },
    identity::Citizen,
};

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(begin)
        .service(finish)
        .service(log_out)
        .service(mine)
        .service(accept)
        .service(decline)
        .service(find)
        .service(invite)
        .service(list)
        .service(withdraw);
}

/// A log-in to begin.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct AuthorizationRequest {
    /// What the unit logs in with.
    certificate: CertificateKind,
}

/// Where to go on.
#[derive(Serialize, ToSchema)]
struct AuthorizationView {
    /// Where to send the browser. It comes back with `code` and `state`.
    authorization_url: String,
    /// What has to come back as `state`.
    state: String,
    /// To be kept by this page, and sent with what comes back. Not a part of any address.
    binding: String,
    /// Until when.
    expires_at: DateTime<Utc>,
}

/// What the browser came back with.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct OrganisationLoginRequest {
    /// The code.
    #[validate(length(min = 1, max = 512))]
    #[schema(min_length = 1, max_length = 512)]
    code: String,
    /// The state.
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64)]
    state: String,
    /// What the page that began the log-in was given to keep.
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64)]
    binding: String,
}

/// A session of a unit.
#[derive(Serialize, ToSchema)]
struct OrganisationSessionView {
    /// Which unit.
    organisation: OrganisationId,
    /// Which log-in.
    session: OrganisationSessionId,
    /// To be sent as `Authorization: Bearer`. Shown once.
    token: String,
    /// When it ends whatever happens. Unused for half an hour, it ends before.
    expires_at: DateTime<Utc>,
}

/// Begin to log a unit in.
///
/// With its legal-person certificate or its electronic business licence, at the provider of either.
#[utoipa::path(
    tag = "organisations",
    operation_id = "beginOrganisationLogIn",
    request_body = AuthorizationRequest,
    responses(
        (status = 200, body = AuthorizationView, description = "Where to go on"),
        Problems,
    ),
)]
#[post("/organisation-sessions/authorization")]
async fn begin(
    deps: Data<Deps>,
    address: ClientAddress,
    body: Valid<AuthorizationRequest>,
) -> Result<Json<AuthorizationView>, Problem> {
    let begun = logging_in::begin(&deps, address, body.0.certificate).await?;
    Ok(Json(AuthorizationView {
        authorization_url: begun.address.into(),
        state: begun.state.reveal().to_owned(),
        binding: begun.binding.reveal().to_owned(),
        expires_at: begun.expires_at,
    }))
}

/// Log a unit in.
///
/// With what the browser came back with from the provider, once, within ten minutes, by the page that
/// began it.
#[utoipa::path(
    tag = "organisations",
    operation_id = "organisationLogIn",
    request_body = OrganisationLoginRequest,
    responses(
        (status = 200, body = OrganisationSessionView, description = "A session"),
        Problems,
    ),
)]
#[post("/organisation-sessions")]
async fn finish(
    deps: Data<Deps>,
    address: ClientAddress,
    body: Valid<OrganisationLoginRequest>,
) -> Result<Json<OrganisationSessionView>, Problem> {
    let Valid(asked) = body;
    let began = logging_in::finish(&deps, address, &asked.code, &asked.state, &asked.binding);
    let began = began.await?;
    Ok(Json(OrganisationSessionView {
        organisation: began.session.organisation_id,
        session: began.session.id,
        token: began.token.reveal().to_owned(),
        expires_at: began.session.expires_at,
    }))
}

/// Log a unit out.
#[utoipa::path(
    tag = "organisations",
    operation_id = "organisationLogOut",
    security(("unit" = [])),
    responses(
        (status = 204, description = "The session is over"),
        Problems,
    ),
)]
#[delete("/organisation-sessions/current")]
async fn log_out(unit: UnitSession, deps: Data<Deps>) -> Result<HttpResponse, Problem> {
    logging_in::log_out(&deps, &unit).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// List the units that one acts for, and those that ask one to.
#[utoipa::path(
    tag = "organisations",
    operation_id = "listMyOrganisations",
    security(("session" = [])),
    responses(
        (status = 200, body = MyOrganisationsView, description = "Units and invitations"),
        Problems,
    ),
)]
#[get("/me/organisations")]
async fn mine(citizen: Citizen, deps: Data<Deps>) -> Result<Json<MyOrganisationsView>, Problem> {
    Ok(Json(agents::mine(&deps, &citizen).await?))
}

/// Accept to act for a unit.
///
/// Whoever has the phone that was asked, once verified, within seven days.
#[utoipa::path(
    tag = "organisations",
    operation_id = "acceptOrganisationInvitation",
    params(
        ("agent" = AgentId, Path, description = "Which invitation"),
        KeyHeader,
    ),
    security(("session" = [])),
    responses(
        (status = 200, body = MyUnitView, description = "One acts for this unit"),
        Problems,
    ),
)]
#[post("/me/organisations/invitations/{agent}/acceptance")]
async fn accept(
    citizen: Citizen,
    deps: Data<Deps>,
    agent: Id<AgentId>,
    key: IdempotencyKey,
) -> Result<Answer, Problem> {
    Ok(agents::accept(&deps, citizen, agent.0, &key).await?)
}

/// Decline to act for a unit, or do so no more.
#[utoipa::path(
    tag = "organisations",
    operation_id = "declineOrganisationInvitation",
    params(
        ("agent" = AgentId, Path, description = "Which invitation, accepted or not"),
        KeyHeader,
    ),
    security(("session" = [])),
    responses(
        (status = 200, body = InvitationView, description = "One does not act for this unit"),
        Problems,
    ),
)]
#[post("/me/organisations/invitations/{agent}/refusal")]
async fn decline(
    citizen: Citizen,
    deps: Data<Deps>,
    agent: Id<AgentId>,
    key: IdempotencyKey,
) -> Result<Answer, Problem> {
    Ok(agents::decline(&deps, citizen, agent.0, &key).await?)
}

/// Read a unit that one acts for.
#[utoipa::path(
    tag = "organisations",
    operation_id = "getOrganisation",
    params(("organisation" = OrganisationId, Path, description = "Which unit")),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = UnitView, description = "As its certificate last said"),
        Problems,
    ),
)]
#[get("/organisations/{organisation}")]
async fn find(unit: UnitActor, deps: Data<Deps>) -> Result<Json<UnitView>, Problem> {
    Ok(Json(acting::show(&deps, &unit).await?))
}

/// Ask somebody to act for the unit.
///
/// By their phone. The legal person alone may, or the unit itself; at most twenty act for a unit or were
/// asked to.
#[utoipa::path(
    tag = "organisations",
    operation_id = "inviteAgent",
    params(
        ("organisation" = OrganisationId, Path, description = "Which unit"),
        KeyHeader,
    ),
    request_body = InvitationRequest,
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 201, body = AgentView, description = "Asked"),
        Problems,
    ),
)]
#[post("/organisations/{organisation}/agents")]
async fn invite(
    unit: UnitActor,
    deps: Data<Deps>,
    key: IdempotencyKey,
    body: Valid<InvitationRequest>,
) -> Result<Answer, Problem> {
    Ok(agents::invite(&deps, unit, &key, body.0).await?)
}

/// List who acts for the unit, and who was asked to.
#[utoipa::path(
    tag = "organisations",
    operation_id = "listAgents",
    params(("organisation" = OrganisationId, Path, description = "Which unit")),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = Vec<AgentView>, description = "All of them, oldest first"),
        Problems,
    ),
)]
#[get("/organisations/{organisation}/agents")]
async fn list(unit: UnitActor, deps: Data<Deps>) -> Result<Json<Vec<AgentView>>, Problem> {
    Ok(Json(agents::list(&deps, &unit).await?))
}

/// Have somebody act for the unit no more.
///
/// It holds at once. The legal person alone may, or the unit itself.
#[utoipa::path(
    tag = "organisations",
    operation_id = "withdrawAgent",
    params(
        ("organisation" = OrganisationId, Path, description = "Which unit"),
        ("agent" = AgentId, Path, description = "Which invitation, accepted or not"),
        KeyHeader,
    ),
    security(("session" = []), ("unit" = [])),
    responses(
        (status = 200, body = AgentView, description = "Withdrawn"),
        Problems,
    ),
)]
#[post("/organisations/{organisation}/agents/{agent}/withdrawal")]
async fn withdraw(
    unit: UnitActor,
    deps: Data<Deps>,
    path: Id<(OrganisationId, AgentId)>,
    key: IdempotencyKey,
) -> Result<Answer, Problem> {
    Ok(agents::withdraw(&deps, unit, path.0.1, &key).await?)
}
