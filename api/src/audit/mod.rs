//! What was done, by whom, to whom.
//!
//! An entry is written in the transaction of the change that it tells of, and names people by id
//! only. The service's database role can append here and nothing else.

mod event;
mod store;

use entity::values::PersonId;
use sea_orm::{ConnectionTrait, DbErr};

pub use event::Event;

use crate::deps::Deps;

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A citizen.
    Person(PersonId),
    /// The service itself, by a rule or a sweep.
    System,
}

/// Append what `actor` did to `subject`, as part of the transaction `tx`.
pub async fn record(
    tx: &impl ConnectionTrait,
    deps: &Deps,
    actor: Actor,
    subject: PersonId,
    event: &Event,
) -> Result<(), DbErr> {
    store::append(
        tx,
        deps.entropy.id(),
        deps.clock.now(),
        actor,
        subject,
        event,
    )
    .await
}
