//! Who acts.

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{AUTHORIZATION, HeaderValue},
    web::Data,
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use entity::values::{PersonId, SessionId};
use futures_util::future::{FutureExt, LocalBoxFuture};

use super::{error::Error, service::liveness};
use crate::{
    deps::Deps,
    http::{
        bearer::bearer,
        problem::{INTERNAL, Problem},
    },
};

/// A citizen with a session that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Citizen {
    /// Who.
    pub person: PersonId,
    /// Through which log-in.
    pub session: SessionId,
}

/// Whom a use case is about: the one who acts, or somebody that they act for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// Whom it is about.
    pub person: PersonId,
    /// Who acts.
    pub acting: PersonId,
}

impl FromRequest for Citizen {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let authorization = request.headers().get(AUTHORIZATION).cloned();
        let deps = request.app_data::<Data<Deps>>().cloned();
        async move {
            let deps = deps.ok_or_else(|| Problem::new(INTERNAL))?;
            authenticate(&deps, authorization.as_ref()).await
        }
        .boxed_local()
    }
}

/// The citizen whose access token a request's `Authorization` holds, if it is good and its session
/// goes on (S7, S9).
pub async fn authenticate(
    deps: &Deps,
    authorization: Option<&HeaderValue>,
) -> Result<Citizen, Problem> {
    Ok(authenticate_with(deps, authorization, Vec::new).await?.0)
}

/// The same, and if that takes a question to the shared store, the values at the keys `also` in the
/// same round trip. Empty if this process knew the session, or the store does not answer.
pub async fn authenticate_with(
    deps: &Deps,
    authorization: Option<&HeaderValue>,
    also: impl FnOnce() -> Vec<String>,
) -> Result<(Citizen, Vec<Option<Bytes>>), Problem> {
    let bearer = authorization
        .and_then(bearer)
        .ok_or(Error::Unauthenticated)?;
    Ok(liveness::authenticate(deps, bearer, also).await?)
}

/// The same where this process knows without asking anybody: the token verified here before, and the
/// session was heard to go on a moment ago. `None` says nothing.
#[must_use]
pub fn recognise(
    deps: &Deps,
    authorization: Option<&HeaderValue>,
    now: DateTime<Utc>,
) -> Option<Citizen> {
    liveness::recognise(deps, bearer(authorization?)?, now)
}
