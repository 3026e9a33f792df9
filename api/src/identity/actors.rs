//! Who acts.

use std::future::ready;

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{AUTHORIZATION, HeaderValue},
    web::Data,
};
use entity::values::{PersonId, SessionId};
use futures_util::future::{FutureExt, LocalBoxFuture};

use super::{error::Error, service::liveness};
use crate::{
    deps::Deps,
    http::problem::{INTERNAL, Problem},
};

/// A citizen with a session that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// The token of a request, not verified yet: for routes that read a session and more at once.
#[derive(Debug, Clone)]
pub struct Bearer(HeaderValue);

impl Bearer {
    /// The token; empty if the header holds none.
    #[must_use]
    pub fn token(&self) -> &str {
        let value = self.0.to_str().unwrap_or_default();
        match value.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            _ => "",
        }
    }
}

impl FromRequest for Bearer {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut headers = request.headers().get_all(AUTHORIZATION);
        let bearer = match (headers.next(), headers.next()) {
            (Some(only), None) => Ok(Self(only.clone())),
            _ => Err(Error::Unauthenticated.into()),
        };
        ready(bearer)
    }
}

impl FromRequest for Citizen {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bearer = Bearer::from_request(request, payload).into_inner();
        let deps = request.app_data::<Data<Deps>>().cloned();
        async move {
            let bearer = bearer?;
            let deps = deps.ok_or_else(|| Problem::new(INTERNAL))?;
            Ok(liveness::authenticate(&deps, bearer.token()).await?)
        }
        .boxed_local()
    }
}
