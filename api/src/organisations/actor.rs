//! Who acts for a unit.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header::AUTHORIZATION, web::Data,
};
use entity::values::{OrganisationId, OrganisationSessionId, PersonId, VenueChannel};
use futures_util::future::{FutureExt, LocalBoxFuture};
use serde::Serialize;
use utoipa::ToSchema;

use super::acting;
use crate::{
    audit::Actor,
    deps::Deps,
    http::{
        bearer::bearer,
        problem::{INTERNAL, NOT_FOUND, Problem},
    },
    review::By,
};

/// As what somebody acts for a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Capacity {
    /// Its legal person, by their own verified document or by the unit's certificate.
    LegalPerson,
    /// Whoever was asked by the unit and accepted.
    Agent,
}

/// Whoever acts for a unit, through either door: a citizen, who is its legal person or its agent now; or
/// the unit itself, in a session that began with its certificate or licence.
///
/// As an extractor it finds whom [`gate`](super::gate) let in, on routes below
/// `/v1/organisations/{organisation}/`. A unit that the caller does not act for is answered as a missing one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitActor {
    /// The unit.
    pub organisation: OrganisationId,
    /// Who acts. In a session of the unit: the legal person, if somebody here is verified as them.
    pub person: Option<PersonId>,
    /// As what.
    pub capacity: Capacity,
    /// Through which door.
    pub door: VenueChannel,
}

impl UnitActor {
    /// As the audit log names them.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match (self.door, self.person) {
            (VenueChannel::MiniProgram, Some(person)) => Actor::Person(person),
            _ => Actor::Organisation(self.organisation),
        }
    }

    /// As a case names them: what is done in a session of the unit's is nobody's in person.
    #[must_use]
    pub fn by(&self) -> By {
        match self.actor() {
            Actor::Person(person) => By::Person(person),
            _ => By::Unit(self.organisation),
        }
    }

    /// Whose idempotency keys theirs are.
    #[must_use]
    pub fn caller(&self) -> [u8; 16] {
        match (self.door, self.person) {
            (VenueChannel::MiniProgram, Some(person)) => *person.0.as_bytes(),
            _ => *self.organisation.0.as_bytes(),
        }
    }
}

impl FromRequest for UnitActor {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let judged = request.extensions().get::<Self>().copied();
        ready(judged.ok_or_else(|| Problem::new(NOT_FOUND)))
    }
}

/// A unit with a session of its own that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct UnitSession {
    /// The unit.
    pub(super) organisation: OrganisationId,
    /// The legal person, if somebody here is verified as them.
    pub(super) person: Option<PersonId>,
    /// Through which log-in.
    pub(super) session: OrganisationSessionId,
}

impl FromRequest for UnitSession {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let authorization = request.headers().get(AUTHORIZATION).cloned();
        let deps = request.app_data::<Data<Deps>>().cloned();
        async move {
            let deps = deps.ok_or_else(|| Problem::new(INTERNAL))?;
            let token = authorization.as_ref().and_then(bearer);
            Ok(acting::of_session(&deps, token.unwrap_or_default()).await?)
        }
        .boxed_local()
    }
}
