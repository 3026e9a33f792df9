//! Beginning, listing and ending sessions.

use entity::{
    person,
    session::{Door, Ending, Model},
    values::{PersonId, SessionId},
};
use sea_orm::DatabaseTransaction;
use zeroize::Zeroizing;

use super::{
    super::{actors::Citizen, error::Error, places, rules, store, tokens},
    liveness, newcomer,
    refresh::RefreshToken,
};
use crate::{
    audit::{self, Actor, Event},
    deps::Deps,
    platform::db::begin_write,
};

/// Each may have thousands of refresh tokens.
const FORGOTTEN_AT_ONCE: u64 = 20;

/// What a log-in or a refresh hands out.
pub(in crate::identity) struct Grant {
    pub(in crate::identity) citizen: Citizen,
    pub(in crate::identity) access_token: String,
    /// Seconds that the access token is good for.
    pub(in crate::identity) expires_in: i64,
    pub(in crate::identity) refresh_token: RefreshToken,
}

/// A session as its owner sees it.
pub(in crate::identity) struct Listed {
    pub(in crate::identity) session: Model,
    /// What the client called its device.
    pub(in crate::identity) device: Option<Zeroizing<String>>,
}

/// Begin a session of `person`, as part of the transaction `tx`.
pub(super) async fn begin(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: &person::Model,
    door: Door,
    device: &str,
) -> Result<Grant, Error> {
    let now = deps.clock.now();
    let id = SessionId(deps.entropy.id());
    let device = match device {
        "" => None,
        device => Some(newcomer::key_of(deps, person)?.seal(
            places::device(&id),
            device.as_bytes(),
            &*deps.entropy,
        )?),
    };
    let session = Model {
        id,
        person_id: person.id,
        door,
        device,
        created_at: now,
        refreshed_at: now,
        expires_at: now + rules::seconds(deps.login.session_seconds),
        ended_at: None,
        ending: None,
        ending_unpublished: false,
    };
    let refresh_token = RefreshToken::new(deps);
    store::sessions::insert(tx, session.clone()).await?;
    store::tokens::insert(tx, &refresh_token.digest(), id, now).await?;
    let began = Event::SessionBegan { session: id, door };
    audit::record(tx, deps, Actor::Person(person.id), person.id, &began).await?;
    grant(deps, &session, refresh_token)
}

/// An access token of `session`, with `refresh_token` beside it.
pub(super) fn grant(
    deps: &Deps,
    session: &Model,
    refresh_token: RefreshToken,
) -> Result<Grant, Error> {
    let now = deps.clock.now();
    let citizen = Citizen {
        person: session.person_id,
        session: session.id,
    };
    let life = rules::seconds(deps.login.access_token_seconds);
    let expires = rules::ends_within(now, life, session.expires_at);
    Ok(Grant {
        citizen,
        access_token: tokens::sign(deps, citizen, now, expires)?,
        expires_in: (expires - now).num_seconds(),
        refresh_token,
    })
}

/// Tell the shared store of a session that began. It would find out by itself.
pub(super) async fn announce(deps: &Deps, citizen: Citizen) {
    liveness::announce(deps, citizen).await;
}

/// The citizen's own sessions that go on, newest first.
pub(in crate::identity) async fn list(
    deps: &Deps,
    citizen: &Citizen,
) -> Result<Vec<Listed>, Error> {
    let now = deps.clock.now();
    let idle_since = now - rules::seconds(deps.login.session_idle_seconds);
    let sessions = store::sessions::going_on(&deps.db, citizen.person, now, idle_since).await?;
    let person = store::people::find(&deps.db, citizen.person)
        .await?
        .ok_or(Error::Unauthenticated)?;
    let key = newcomer::key_of(deps, &person)?;
    let list = sessions.into_iter().map(|session| {
        let sealed = session.device.as_deref();
        let device = sealed.map(|sealed| key.open_text(places::device(&session.id), sealed));
        Ok(Listed {
            device: device.transpose()?,
            session,
        })
    });
    list.collect()
}

/// End one of the citizen's own sessions, their present one included.
pub(in crate::identity) async fn end(
    deps: &Deps,
    citizen: &Citizen,
    session: SessionId,
) -> Result<(), Error> {
    let ending = if session == citizen.session {
        Ending::LoggedOut
    } else {
        Ending::Revoked
    };
    let actor = Actor::Person(citizen.person);
    if !end_as(deps, actor, citizen.person, session, ending).await? {
        return Err(Error::NotFound);
    }
    Ok(())
}

/// End `session` of `person` everywhere. `false` if it had ended, or is not theirs.
///
/// The database knows before anybody is told, and remembers until the shared store has heard.
pub(super) async fn end_as(
    deps: &Deps,
    actor: Actor,
    person: PersonId,
    session: SessionId,
    ending: Ending,
) -> Result<bool, Error> {
    let now = deps.clock.now();
    let tx = begin_write(&deps.db).await?;
    if !store::sessions::end(&tx, person, session, ending, now).await? {
        return Ok(false);
    }
    let ended = Event::SessionEnded { session, ending };
    audit::record(&tx, deps, actor, person, &ended).await?;
    tx.commit().await?;

    liveness::publish_ending(deps, Citizen { person, session }).await;
    Ok(true)
}

/// Forget some of the sessions whose end is so long ago that they say nothing any more, not even when
/// their person was last seen, and their refresh tokens. Returns how many sessions.
pub(in crate::identity) async fn forget_old(deps: &Deps) -> Result<u64, Error> {
    let over_since = deps.clock.now() - rules::UNSEEN;
    let tx = begin_write(&deps.db).await?;
    let old = store::sessions::over(&tx, over_since, FORGOTTEN_AT_ONCE).await?;
    store::tokens::remove(&tx, &old).await?;
    store::sessions::remove(&tx, &old).await?;
    tx.commit().await?;
    Ok(old.len() as u64)
}
