//! Logging in and out.

use entity::{
    staff_credential::Method,
    staff_session::{Ending, Model},
    values::{StaffId, StaffSessionId},
};
use sea_orm::DatabaseTransaction;

use super::{
    super::{actor::Staff, error::Error, rules, store},
    attempts::{self, Tried},
    challenges::{self, Purpose},
    proofs::{self, KeyUsed, Right},
};
use crate::{
    audit::{self, Actor, Event, StaffEvent},
    deps::Deps,
    http::client::ClientAddress,
    platform::{OneTime, db::begin_write},
};

/// A session that began.
#[derive(Debug)]
pub(in crate::staff) struct Began {
    pub(in crate::staff) session: Model,
    pub(in crate::staff) token: OneTime,
}

/// Log in with a code. Whatever is wrong, the answer is the same, and so is what it took.
pub(in crate::staff) async fn by_totp(
    deps: &Deps,
    address: ClientAddress,
    handle: &str,
    code: &str,
) -> Result<Began, Error> {
    attempts::count_from(deps, address).await?;
    attempts::count(deps, Tried::Handle(handle)).await?;
    let account = store::accounts::with_handle(&deps.db, handle).await?;
    let account = account.map(|account| account.id);
    let right = proofs::totp(deps, account, true, code).await?;
    log_in(deps, account, right, Method::Totp).await
}

/// A challenge for whoever has a key.
pub(in crate::staff) async fn challenge(
    deps: &Deps,
    address: ClientAddress,
) -> Result<String, Error> {
    attempts::count_from(deps, address).await?;
    challenges::new(deps, Purpose::LogIn).await
}

/// Log in with a key, which says whose it is. What answers no challenge of ours leaves no trace: anyone
/// can make that up.
pub(in crate::staff) async fn by_key(
    deps: &Deps,
    address: ClientAddress,
    used: &KeyUsed,
) -> Result<Began, Error> {
    attempts::count_from(deps, address).await?;
    let challenge = challenges::spend(deps, &used.client_data, Purpose::LogIn)
        .await?
        .ok_or(Error::LoginRefused)?;
    let right = proofs::key(deps, used, &challenge).await?;
    let account = right.as_ref().map(|right| right.account);
    log_in(deps, account, right, Method::Webauthn).await
}

async fn log_in(
    deps: &Deps,
    account: Option<StaffId>,
    right: Option<Right>,
    method: Method,
) -> Result<Began, Error> {
    if let Some(right) = right
        && let Some(began) = begin(deps, &right, method).await?
    {
        return Ok(began);
    }
    proofs::note_refusal(deps, account, method).await?;
    Err(Error::LoginRefused)
}

/// Begin a session of whoever proved themselves, in place of any before. None if the account is
/// suspended, or the proof was spent meanwhile.
async fn begin(deps: &Deps, right: &Right, method: Method) -> Result<Option<Began>, Error> {
    let now = deps.clock.now();
    let tx = begin_write(&deps.db).await?;
    // One log-in at a time, so that one session goes on.
    let account = store::accounts::lock(&tx, right.account).await?;
    let in_use = account.is_some_and(|account| account.suspended_at.is_none());
    if !in_use || !proofs::spend(&tx, right).await? {
        tx.rollback().await?;
        return Ok(None);
    }
    let actor = Actor::Staff(right.account);
    end_all(&tx, deps, actor, right.account, Ending::Replaced).await?;
    let token = OneTime::new(&*deps.entropy);
    let session = Model {
        id: StaffSessionId(deps.entropy.id()),
        account_id: right.account,
        digest: token.digest(),
        method,
        began_at: now,
        used_at: now,
        proved_at: now,
        expires_at: now + rules::LONGEST,
        ended_at: None,
        ending: None,
    };
    store::sessions::insert(&tx, session.clone()).await?;
    let began = Event::Staff(StaffEvent::StaffSessionBegan {
        session: session.id,
        method,
    });
    audit::record(&tx, deps, actor, right.account, &began).await?;
    tx.commit().await?;
    Ok(Some(Began { session, token }))
}

/// End the caller's session.
pub(in crate::staff) async fn log_out(deps: &Deps, staff: &Staff) -> Result<(), Error> {
    let tx = begin_write(&deps.db).await?;
    let actor = Actor::Staff(staff.account);
    end(
        &tx,
        deps,
        actor,
        staff.account,
        staff.session,
        Ending::LoggedOut,
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// End every session of `account`, as part of the transaction `tx`.
pub(super) async fn end_all(
    tx: &DatabaseTransaction,
    deps: &Deps,
    actor: Actor,
    account: StaffId,
    ending: Ending,
) -> Result<(), Error> {
    for session in store::sessions::not_ended(tx, account).await? {
        end(tx, deps, actor, account, session, ending).await?;
    }
    Ok(())
}

async fn end(
    tx: &DatabaseTransaction,
    deps: &Deps,
    actor: Actor,
    account: StaffId,
    session: StaffSessionId,
    ending: Ending,
) -> Result<(), Error> {
    if store::sessions::end(tx, session, ending, deps.clock.now()).await? {
        let ended = Event::Staff(StaffEvent::StaffSessionEnded { session, ending });
        audit::record(tx, deps, actor, account, &ended).await?;
    }
    Ok(())
}
