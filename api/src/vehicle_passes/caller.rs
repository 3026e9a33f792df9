//! Who asks: a citizen, for themselves or for a unit, or a unit in a session of its own.

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::AUTHORIZATION, web::Data};
use entity::{
    values::{OrganisationId, PersonId},
    vehicle_application, vehicle_pass,
};
use futures_util::future::{FutureExt, LocalBoxFuture};
use sea_orm::ConnectionTrait;

use super::{error::Error, store::applications::Whose};
use crate::{
    audit::Actor,
    deps::Deps,
    http::problem::{INTERNAL, Problem},
    identity, organisations,
    organisations::UnitActor,
    review::By,
};

/// Who asks for passes, and carries them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    /// A citizen.
    Citizen(PersonId),
    /// A unit, in a session of its own.
    Unit(UnitActor),
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let authorization = request.headers().get(AUTHORIZATION).cloned();
        let deps = request.app_data::<Data<Deps>>().cloned();
        async move {
            let deps = deps.ok_or_else(|| Problem::new(INTERNAL))?;
            let authorization = authorization.as_ref();
            if let Some(unit) = organisations::unit_in_session(&deps, authorization).await? {
                return Ok(Self::Unit(unit));
            }
            let citizen = identity::authenticate(&deps, authorization).await?;
            Ok(Self::Citizen(citizen.person))
        }
        .boxed_local()
    }
}

/// Whose something is: a citizen's, or a unit's.
pub(super) trait Owned {
    /// The unit, where it is one's.
    fn unit(&self) -> Option<OrganisationId>;
    /// Who applied.
    fn applicant(&self) -> PersonId;
}

impl Owned for vehicle_application::Model {
    fn unit(&self) -> Option<OrganisationId> {
        self.organisation_id
    }

    fn applicant(&self) -> PersonId {
        self.applied_by
    }
}

impl Owned for vehicle_pass::Model {
    fn unit(&self) -> Option<OrganisationId> {
        self.organisation_id
    }

    fn applicant(&self) -> PersonId {
        self.person_id
    }
}

impl Caller {
    /// As the audit log names them.
    pub(super) fn actor(&self) -> Actor {
        match self {
            Self::Citizen(person) => Actor::Person(*person),
            Self::Unit(unit) => unit.actor(),
        }
    }

    /// As a case names them.
    pub(super) fn by(&self) -> By {
        match self {
            Self::Citizen(person) => By::Person(*person),
            Self::Unit(unit) => unit.by(),
        }
    }

    /// Whose idempotency keys theirs are.
    pub(super) fn key(&self) -> [u8; 16] {
        match self {
            Self::Citizen(person) => *person.0.as_bytes(),
            Self::Unit(unit) => unit.caller(),
        }
    }

    /// Who asks in person.
    pub(super) fn citizen(&self) -> Option<PersonId> {
        match self {
            Self::Citizen(person) => Some(*person),
            Self::Unit(_) => None,
        }
    }

    /// Who is told what becomes of what they ask, once it is known who they are.
    pub(super) async fn person(&self, db: &impl ConnectionTrait) -> Result<PersonId, Error> {
        let person = match self {
            Self::Citizen(person) => *person,
            Self::Unit(unit) => unit.person.ok_or(Error::NobodyToTell)?,
        };
        if identity::verified_at(db, person).await?.is_none() {
            return Err(identity::Error::NotVerified.into());
        }
        Ok(person)
    }

    /// Whose things these are, if the caller acts for `organisation`; their own, where none is named.
    pub(super) async fn whose(
        &self,
        db: &impl ConnectionTrait,
        deps: &Deps,
        organisation: Option<OrganisationId>,
    ) -> Result<Whose, Error> {
        match (self, organisation) {
            (Self::Citizen(person), None) => Ok(Whose::Person(*person)),
            (Self::Citizen(person), Some(unit)) => {
                let capacity = organisations::capacity_of(db, deps, *person, unit).await?;
                capacity.map(|_| Whose::Unit(unit)).ok_or(Error::NotFound)
            }
            (Self::Unit(unit), asked) => {
                let own = asked.is_none_or(|asked| asked == unit.organisation);
                let own = own.then_some(Whose::Unit(unit.organisation));
                own.ok_or(Error::NotFound)
            }
        }
    }

    /// `found`, if it is the caller's, or that of a unit that they act for.
    pub(super) async fn own<T: Owned>(
        &self,
        db: &impl ConnectionTrait,
        deps: &Deps,
        found: Option<T>,
    ) -> Result<T, Error> {
        let found = found.ok_or(Error::NotFound)?;
        let theirs = match (self, found.unit()) {
            (Self::Citizen(person), None) => found.applicant() == *person,
            (Self::Citizen(person), Some(unit)) => {
                let capacity = organisations::capacity_of(db, deps, *person, unit).await?;
                capacity.is_some()
            }
            (Self::Unit(session), unit) => unit == Some(session.organisation),
        };
        if theirs {
            Ok(found)
        } else {
            Err(Error::NotFound)
        }
    }
}
