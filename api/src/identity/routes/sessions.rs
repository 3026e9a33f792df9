//! Sessions.

use actix_web::{
    HttpResponse, delete, get, post,
    web::{Data, Json},
};
use chrono::{DateTime, Utc};
use entity::{session::Door, values::SessionId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{
    super::{
        actors::Citizen,
        service::{
            refresh,
            sessions::{self, Listed},
        },
    },
    login::{TokensView, UserAgent},
};
use crate::{
    deps::Deps,
    http::{
        body::{Id, Valid},
        problem::{Problem, Problems},
    },
};

/// A refresh.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct RefreshRequest {
    /// The latest refresh token of the session.
    #[validate(length(min = 1, max = 128))]
    #[schema(min_length = 1, max_length = 128)]
    refresh_token: String,
    /// A name that the client keeps for its device, the same at each request.
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64)]
    #[serde(default)]
    device: Option<String>,
}

/// A session that goes on.
#[derive(Serialize, ToSchema)]
struct SessionView {
    /// Which.
    session_id: SessionId,
    /// The door that it came through.
    door: Door,
    /// What the client called its device, or itself.
    device: Option<String>,
    /// When it began.
    created_at: DateTime<Utc>,
    /// When it was last refreshed.
    refreshed_at: DateTime<Utc>,
    /// When it ends whatever happens.
    expires_at: DateTime<Utc>,
    /// Whether it is the one that asks.
    current: bool,
}

/// Exchange a refresh token for new tokens.
///
/// Each refresh token is good once. If the answer was lost, the same device may repeat the request
/// within ten seconds and gets the same refresh token; any other second use ends the session. No
/// `Idempotency-Key`: the refresh token is the key.
#[utoipa::path(
    tag = "sessions",
    operation_id = "refreshSession",
    request_body = RefreshRequest,
    responses(
        (status = 200, body = TokensView, description = "New tokens"),
        Problems,
    ),
)]
#[post("/login/refresh")]
pub(super) async fn renew(
    deps: Data<Deps>,
    agent: UserAgent,
    body: Valid<RefreshRequest>,
) -> Result<Json<TokensView>, Problem> {
    let Valid(body) = body;
    let device = agent.or(body.device.as_ref());
    let grant = refresh::refresh(&deps, &body.refresh_token, device).await?;
    Ok(Json(grant.into()))
}

/// One's own sessions that go on, newest first.
#[utoipa::path(
    tag = "sessions",
    operation_id = "listSessions",
    security(("session" = [])),
    responses(
        (status = 200, body = [SessionView], description = "The sessions"),
        Problems,
    ),
)]
#[get("/sessions")]
pub(super) async fn list(
    citizen: Citizen,
    deps: Data<Deps>,
) -> Result<Json<Vec<SessionView>>, Problem> {
    let listed = sessions::list(&deps, &citizen).await?;
    let view = |Listed { session, device }| SessionView {
        current: session.id == citizen.session,
        session_id: session.id,
        door: session.door,
        device: device.map(|device| device.to_string()),
        created_at: session.created_at,
        refreshed_at: session.refreshed_at,
        expires_at: session.expires_at,
    };
    Ok(Json(listed.into_iter().map(view).collect()))
}

/// Log out.
#[utoipa::path(
    tag = "sessions",
    operation_id = "logOut",
    security(("session" = [])),
    responses(
        (status = 204, description = "The session is over, on every instance within seconds"),
        Problems,
    ),
)]
#[delete("/sessions/current")]
pub(super) async fn end_current(
    citizen: Citizen,
    deps: Data<Deps>,
) -> Result<HttpResponse, Problem> {
    sessions::end(&deps, &citizen, citizen.session).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// End one of one's own sessions.
#[utoipa::path(
    tag = "sessions",
    operation_id = "endSession",
    params(("session" = SessionId, Path, description = "Which")),
    security(("session" = [])),
    responses(
        (status = 204, description = "The session is over, on every instance within seconds"),
        Problems,
    ),
)]
#[delete("/sessions/{session}")]
pub(super) async fn end(
    citizen: Citizen,
    deps: Data<Deps>,
    session: Id<SessionId>,
) -> Result<HttpResponse, Problem> {
    sessions::end(&deps, &citizen, session.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
