//! What was done, by whom, to whom.
//!
//! An entry is written in the transaction of the change that it tells of, and names people by id
//! only. The service's database role can append here and nothing else.
//!
//! Beside each entry its leaf is written, which waits for its place in the log that outsiders can check
//! (S27): SHA-256 of 32 random bytes and of the entry in its canonical form. It says nothing to whoever
//! does not have both. What changed somebody's colour lies with its leaf, for them to ask for.

mod event;
mod leaf;
mod store;

use entity::{
    audit_entry,
    values::{OrganisationId, PersonId, StaffId},
};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

pub use event::{
    CaseEvent, DoorEvent, Event, OverrideEvent, PassEvent, RuleEvent, StaffEvent, VehicleEvent,
    WorkEvent,
};
pub use leaf::{SALT_BYTES, commitment_of};

use crate::{deps::Deps, platform::entropy};

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
    record_named(tx, deps, actor, subject, event)
        .await
        .map(drop)
}

/// The same, for whoever will name the entry: its id.
pub async fn record_named(
    tx: &impl ConnectionTrait,
    deps: &Deps,
    actor: Actor,
    subject: impl Into<Subject>,
    event: &Event,
) -> Result<Uuid, DbErr> {
    let entry = leaf::entry(
        deps.entropy.id(),
        deps.clock.now(),
        actor,
        subject.into(),
        event,
        entropy::bytes(&*deps.entropy),
    );
    let entry = entry.map_err(|error| DbErr::Json(error.to_string()))?;
    let leaf = leaf::of(&entry, event.is_disclosed());
    let leaf = leaf.map_err(|error| DbErr::Json(error.to_string()))?;
    let id = entry.id;
    store::append(tx, entry, leaf).await?;
    Ok(id)
}

/// The entries named `ids`. Only for a role that may read them: the service's may not.
pub async fn entries(
    db: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<Vec<audit_entry::Model>, DbErr> {
    store::entries(db, ids).await
}

/// Up to `most` entries whose ids follow `after`, in the order of their ids. Only for a role that may read them.
pub async fn entries_after(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<audit_entry::Model>, DbErr> {
    store::entries_after(db, after, most).await
}
