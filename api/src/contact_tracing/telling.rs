//! Use case: tell people that their visits were released.

use entity::values::{PersonId, TracingId};

use super::{error::Error, store};
use crate::{
    deps::Deps,
    http::problem::{Fault, UNAVAILABLE},
    identity,
    notifications::{self, Message, Reference},
    platform::db::begin_write,
};

/// People told in one run.
const BATCH: u64 = 200;

/// Tell some of those who were not told yet. Returns how many.
pub(super) async fn tell(deps: &Deps) -> Result<u64, Error> {
    let mut told = 0;
    for (id, person) in store::untold(&deps.db, BATCH).await? {
        match tell_one(deps, id, person).await {
            Ok(done) => told += u64::from(done),
            Err(error) if error.kind() == UNAVAILABLE => return Err(error),
            // It is tried again, and holds up no other.
            Err(error) => tracing::error!(
                tracing = %id,
                error = &error as &dyn std::error::Error,
                "somebody cannot be told of release {id}"
            ),
        }
    }
    if told > 0 {
        deps.outbox.wake();
    }
    Ok(told)
}

async fn tell_one(deps: &Deps, id: TracingId, person: PersonId) -> Result<bool, Error> {
    let tx = begin_write(&deps.db).await?;
    identity::lock(&tx, person).await?;
    let now = deps.clock.now();
    let at = store::decided_at(&tx, id).await?.unwrap_or(now);
    if !store::note_told(&tx, (id, person), now).await? {
        return Ok(false);
    }
    let message = Message::VisitsReleased {
        release: Reference::of("LD", id.0),
        at,
    };
    notifications::tell(&tx, deps, person, &message).await?;
    tx.commit().await?;
    Ok(true)
}
