//! Whether a session goes on, on every instance within seconds (S9).
//!
//! The database is the truth. The shared store says the same for the life of an access token, so
//! that a request needs no query; this process remembers for two seconds. With the store away the
//! database is asked, and with that away too a good signature suffices: people must pass doors.

use bytes::Bytes;
use chrono::{DateTime, Utc};

use super::super::{
    actors::Citizen,
    cache::{Fingerprint, fingerprint},
    error::Error,
    rules, store, tokens,
};
use crate::deps::Deps;

const LIVE: &[u8] = b"live";
const ENDED: &[u8] = b"ended";

/// Endings published in one sweep.
const BATCH: u64 = 500;

/// The citizen whose access token `bearer` is, if it is good and its session goes on.
pub async fn authenticate(deps: &Deps, bearer: &str) -> Result<Citizen, Error> {
    Ok(authenticate_with(deps, bearer, |_| None).await?.0)
}

/// The same, together with a value of the shared store in one round trip: that at the key which
/// `also` names for the citizen. `None` if it names none, or the store holds none or is away.
pub async fn authenticate_with(
    deps: &Deps,
    bearer: &str,
    also: impl FnOnce(&Citizen) -> Option<String>,
) -> Result<(Citizen, Option<Bytes>), Error> {
    let now = deps.clock.now();
    let print = fingerprint(bearer);
    let (citizen, expires) = signed(deps, bearer, print, now)?;
    let known = deps.sessions.goes_on(citizen.session, now);
    if known == Some(false) {
        return Err(Error::Unauthenticated);
    }
    let also = also(&citizen);
    if known.is_some() && also.is_none() {
        return Ok((citizen, None));
    }
    let (goes_on, found) = ask(deps, citizen, known, also, now).await;
    if goes_on {
        Ok((citizen, found))
    } else {
        deps.sessions.ended(citizen.session, expires);
        Err(Error::Unauthenticated)
    }
}

fn signed(
    deps: &Deps,
    bearer: &str,
    print: Fingerprint,
    now: DateTime<Utc>,
) -> Result<(Citizen, DateTime<Utc>), Error> {
    if let Some(known) = deps.sessions.token(&print, now) {
        return Ok(known);
    }
    let (citizen, expires) = tokens::verify(deps, bearer, now).ok_or(Error::Unauthenticated)?;
    deps.sessions.verified(print, citizen, expires);
    Ok((citizen, expires))
}

/// Ask the shared store for what is not `known`, and whatever else is wanted of it.
async fn ask(
    deps: &Deps,
    citizen: Citizen,
    known: Option<bool>,
    also: Option<String>,
    now: DateTime<Utc>,
) -> (bool, Option<Bytes>) {
    let session = known.is_none().then(|| key(citizen));
    let keys: Vec<&str> = [session.as_deref(), also.as_deref()]
        .into_iter()
        .flatten()
        .collect();
    let mut held = match deps.ephemeral.get(&keys).await {
        Ok(held) => held.into_iter(),
        Err(_) if known == Some(true) => return (true, None),
        Err(_) => return (without_store(deps, citizen, now).await, None),
    };
    let goes_on = match (known, session.and_then(|_| held.next()).flatten()) {
        (Some(goes_on), _) => goes_on,
        (None, Some(said)) => heard(deps, citizen, said == LIVE, now),
        (None, None) => first_asked(deps, citizen, now).await,
    };
    (goes_on, held.next().flatten())
}

fn heard(deps: &Deps, citizen: Citizen, goes_on: bool, now: DateTime<Utc>) -> bool {
    deps.sessions.heard(citizen.session, goes_on, now);
    goes_on
}

/// The shared store does not know: ask the database, and tell the store.
async fn first_asked(deps: &Deps, citizen: Citizen, now: DateTime<Utc>) -> bool {
    let Some(goes_on) = in_database(deps, citizen, now).await else {
        return true;
    };
    if goes_on {
        announce(deps, citizen).await;
    }
    heard(deps, citizen, goes_on, now)
}

async fn without_store(deps: &Deps, citizen: Citizen, now: DateTime<Utc>) -> bool {
    let goes_on = in_database(deps, citizen, now).await.unwrap_or(true);
    deps.sessions
        .heard_without_store(citizen.session, goes_on, now);
    goes_on
}

/// `None` if the database does not answer.
async fn in_database(deps: &Deps, citizen: Citizen, now: DateTime<Utc>) -> Option<bool> {
    let found = store::sessions::find(&deps.db, citizen.session).await;
    let session = found
        .inspect_err(|error| {
            tracing::error!(
                error = error as &(dyn std::error::Error + 'static),
                "a session cannot be looked up; its signature has to do"
            );
        })
        .ok()?;
    Some(session.is_some_and(|session| {
        session.person_id == citizen.person
            && session.ended_at.is_none()
            && now < session.expires_at
    }))
}

/// Tell the shared store that a session goes on, unless it has heard otherwise. Best effort.
pub(super) async fn announce(deps: &Deps, citizen: Citizen) {
    let kept = rules::kept_for(deps.login.access_token_seconds);
    let _ = deps.ephemeral.put_new(&key(citizen), LIVE, kept).await;
}

/// Tell this process and the shared store that a session ended. If the store does not hear it now,
/// [`publish_endings`] tells it later.
pub(super) async fn publish_ending(deps: &Deps, citizen: Citizen) {
    let kept = rules::kept_for(deps.login.access_token_seconds);
    deps.sessions
        .ended(citizen.session, deps.clock.now() + kept);
    let told = deps.ephemeral.put(&key(citizen), ENDED, kept).await;
    if let Err(error) = told {
        tracing::warn!(
            session.id = %citizen.session,
            error = &error as &(dyn std::error::Error + 'static),
            "the short-lived store has not heard of an ending yet"
        );
        return;
    }
    // If this fails the ending is published again, which does no harm.
    let _ = store::sessions::published(&deps.db, citizen.session).await;
}

/// Tell the shared store of endings that it has not heard of. Returns how many there were.
pub(in crate::identity) async fn publish_endings(deps: &Deps) -> Result<u64, Error> {
    let unheard = store::sessions::unpublished(&deps.db, BATCH).await?;
    let count = unheard.len();
    for (session, person) in unheard {
        publish_ending(deps, Citizen { person, session }).await;
    }
    Ok(count as u64)
}

/// In the slot of the person, beside the snapshot of their code.
fn key(citizen: Citizen) -> String {
    format!(
        "{{{}}}:s:{}",
        citizen.person.0.as_simple(),
        citizen.session.0.as_simple()
    )
}
