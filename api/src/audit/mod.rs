//! What was done, by whom, to whom.
//!
//! An entry is written in the transaction of the change that it tells of, and names people by id
//! only. The service's database role can append here and nothing else.

mod event;
mod store;

use entity::values::{OrganisationId, PersonId, StaffId};
use sea_orm::{ConnectionTrait, DbErr};

pub use event::{Event, WorkEvent};

use crate::deps::Deps;

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A citizen.
    Person(PersonId),
    /// A member of staff.
    Staff(StaffId),
    /// A unit, with its certificate or its licence.
    Organisation(OrganisationId),
    /// Whoever runs commands on the machine.
    Operator,
    /// The service itself, by a rule or a sweep.
    System,
}

/// Whom it concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A citizen or a dependant.
    Person(PersonId),
    /// A member of staff.
    Staff(StaffId),
    /// Nobody in particular.
    Nobody,
}

impl From<PersonId> for Subject {
    fn from(person: PersonId) -> Self {
        Self::Person(person)
    }
}

impl From<StaffId> for Subject {
    fn from(staff: StaffId) -> Self {
        Self::Staff(staff)
    }
}

/// Append what `actor` did to `subject`, as part of the transaction `tx`.
pub async fn record(
    tx: &impl ConnectionTrait,
    deps: &Deps,
    actor: Actor,
    subject: impl Into<Subject>,
    event: &Event,
) -> Result<(), DbErr> {
    store::append(
        tx,
        deps.entropy.id(),
        deps.clock.now(),
        actor,
        subject.into(),
        event,
    )
    .await
}
