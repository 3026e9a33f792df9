//! How much one machine may have verified without saying who it is (S17).
//!
//! Each process counts for itself: verifying needs nothing that is shared, and goes on when Redis is away.

use std::sync::Arc;

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::StatusCode, web::Data};
use futures_util::future::LocalBoxFuture;

use super::{
    client::ClientAddress,
    problem::{Kind, Problem, Text},
};
use crate::{
    config::Limit,
    platform::{
        Clock, Ephemeral,
        ephemeral::{Admission, InProcess, Quota},
    },
};

/// One machine has too much verified.
pub const TOO_MANY_VERIFICATIONS: Kind = Kind {
    slug: "too-many-verifications",
    status: StatusCode::TOO_MANY_REQUESTS,
    title: Text::new(
        "核验过于频繁，请稍后再试",
        "Too much was verified from here; please try again later",
    ),
};

/// Counts what machines have verified. Given to the application as `Data`; without it nothing is counted.
#[derive(Debug)]
pub struct Verifications {
    counts: InProcess,
    limit: Limit,
}

impl Verifications {
    /// At most `limit` for one machine.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, limit: Limit) -> Self {
        Self {
            counts: InProcess::new(clock),
            limit,
        }
    }

    async fn count(&self, client: ClientAddress) -> Result<(), Problem> {
        let key = format!("verifications:{}", client.machine());
        let quota = Quota::new(key, self.limit.count, self.limit.period());
        match self.counts.hit(&[quota]).await {
            Ok(Admission::Refused { retry_after, .. }) => Err(Problem {
                retry_after: Some(retry_after),
                ..Problem::new(TOO_MANY_VERIFICATIONS)
            }),
            // The store of a process is never out of reach.
            Ok(Admission::Admitted) | Err(_) => Ok(()),
        }
    }
}

/// A request to verify something, that was counted and let in. An argument of each public route that verifies.
#[derive(Debug)]
pub struct Counted(());

impl FromRequest for Counted {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let verifications = request.app_data::<Data<Verifications>>().cloned();
        let client = ClientAddress::from_request(request, payload).into_inner();
        Box::pin(async move {
            if let (Some(verifications), Ok(client)) = (verifications, client) {
                verifications.count(client).await?;
            }
            Ok(Self(()))
        })
    }
}
