//! Whether a session goes on, on every instance within seconds (S9).
//!
//! The database is the truth. The shared store says the same for the life of an access token, so
//! that a request needs no query; this process remembers for two seconds. With the store away the
//! database is asked, and with that away too a good signature suffices: people must pass doors.

use std::iter::once;

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

/// The citizen whose access token `bearer` is, if it is good and its session goes on; and what the
/// shared store holds at the keys `also`, if it had to be asked anyway and answered.
pub(in crate::identity) async fn authenticate(
    deps: &Deps,
    bearer: &[u8],
    also: impl FnOnce() -> Vec<String>,
) -> Result<(Citizen, Vec<Option<Bytes>>), Error> {
    let now = deps.clock.now();
    let (citizen, expires) = signed(deps, bearer, fingerprint(bearer), now)?;
    let (goes_on, found) = match deps.sessions.goes_on(citizen, now) {
        Some(known) => (known, Vec::new()),
        None => ask(deps, citizen, also, now).await,
    };
    if goes_on {
        Ok((citizen, found))
    } else {
        deps.sessions.ended(citizen, expires);
        Err(Error::Unauthenticated)
    }
}

/// The citizen whose access token `bearer` is, where this process knows that and that their session
/// goes on.
pub(in crate::identity) fn recognise(
    deps: &Deps,
    bearer: &[u8],
    now: DateTime<Utc>,
) -> Option<Citizen> {
    let (citizen, _) = deps.sessions.token(&fingerprint(bearer), now)?;
    deps.sessions.goes_on(citizen, now)?.then_some(citizen)
}

fn signed(
    deps: &Deps,
    bearer: &[u8],
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

/// Ask the shared store whether a session goes on, and for whatever else is wanted of it.
async fn ask(
    deps: &Deps,
    citizen: Citizen,
    also: impl FnOnce() -> Vec<String>,
    now: DateTime<Utc>,
) -> (bool, Vec<Option<Bytes>>) {
    let (session, also) = (key(citizen), also());
    let keys: Vec<&str> = once(&session).chain(&also).map(String::as_str).collect();
    let Ok(held) = deps.ephemeral.get(&keys).await else {
        return (without_store(deps, citizen, now).await, Vec::new());
    };
    let mut held = held.into_iter();
    let goes_on = match held.next().flatten() {
        Some(said) => heard(deps, citizen, said == LIVE, now),
        None => first_asked(deps, citizen, now).await,
    };
    (goes_on, held.collect())
}

fn heard(deps: &Deps, citizen: Citizen, goes_on: bool, now: DateTime<Utc>) -> bool {
    deps.sessions.heard(citizen, goes_on, now);
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
    deps.sessions.heard_without_store(citizen, goes_on, now);
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

/// Tell this process and the shared store that a session ended. If the store does not hear it now
/// (`false`), [`publish_endings`] tells it later.
pub(in crate::identity) async fn publish_ending(deps: &Deps, citizen: Citizen) -> bool {
    let kept = rules::kept_for(deps.login.access_token_seconds);
    deps.sessions.ended(citizen, deps.clock.now() + kept);
    let told = deps.ephemeral.put(&key(citizen), ENDED, kept).await;
    if let Err(error) = told {
        tracing::warn!(
            session.id = %citizen.session,
            error = &error as &(dyn std::error::Error + 'static),
            "the short-lived store has not heard of an ending yet"
        );
        return false;
    }
    // If this fails the ending is published again, which does no harm.
    let _ = store::sessions::published(&deps.db, citizen.session).await;
    true
}

/// Tell the shared store of endings that it has not heard of, until one fails. Returns how many it
/// heard.
pub(in crate::identity) async fn publish_endings(deps: &Deps) -> Result<u64, Error> {
    let mut heard = 0;
    for (session, person) in store::sessions::unpublished(&deps.db, BATCH).await? {
        if !publish_ending(deps, Citizen { person, session }).await {
            break;
        }
        heard += 1;
    }
    Ok(heard)
}

/// In the slot of the person, beside the snapshot of their code.
fn key(citizen: Citizen) -> String {
    format!(
        "{{{}}}:s:{}",
        citizen.person.0.as_simple(),
        citizen.session.0.as_simple()
    )
}
