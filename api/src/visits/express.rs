//! The express lane: scans without the router.
//!
//! Doors are where most people are at the same moment. So the edge asks here before it looks for a route,
//! once a scan is let in, and the lane does what [`super::routes`] do, by the same functions. Whatever is
//! written in any other way is left to the route.

use std::{fmt, sync::Arc};

use actix_web::{
    FromRequest,
    dev::ServiceRequest,
    http::{Method, header::AUTHORIZATION},
};

use super::routes::{self, ScanRequest};
use crate::{
    deps::Deps,
    http::{
        body::Valid,
        edge::{Answer, Lane},
        problem::Language,
    },
    identity::authenticate,
};

const PATH: &str = "/v1/visits";

/// The lane.
pub struct Express {
    deps: Arc<Deps>,
}

impl Express {
    /// A lane to what `deps` reach.
    #[must_use]
    pub fn new(deps: Arc<Deps>) -> Self {
        Self { deps }
    }
}

impl Lane for Express {
    fn take(&self, request: &mut ServiceRequest) -> Option<Answer> {
        if request.method() != Method::POST || request.uri().path() != PATH {
            return None;
        }
        let deps = Arc::clone(&self.deps);
        let (request, payload) = request.parts_mut();
        let language = Language::asked_for_in(request.headers());
        let authorization = request.headers().get(AUTHORIZATION).cloned();
        let body = Valid::<ScanRequest>::from_request(request, payload);
        Some(Box::pin(async move {
            let citizen = authenticate(&deps, authorization.as_ref()).await?;
            routes::register(&deps, &citizen, body.await?.0, language).await
        }))
    }
}

impl fmt::Debug for Express {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Express").finish_non_exhaustive()
    }
}
