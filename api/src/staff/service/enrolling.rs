//! Enrolling what one proves oneself with, once, with the secret of an invitation.

use entity::{
    staff_account,
    staff_credential::{Method, Model},
    values::StaffCredentialId,
};
use sea_orm::DatabaseTransaction;

use super::{
    super::{
        error::Error,
        store, totp,
        webauthn::{self, Made},
    },
    attempts::{self, Tried},
    challenges::{self, Purpose},
    proofs,
};
use crate::{
    audit::{self, Actor, Event, StaffEvent},
    deps::Deps,
    http::client::ClientAddress,
    platform::{db::begin_write, entropy, one_time},
};

/// An invitation whose secret somebody has.
#[derive(Debug)]
pub(in crate::staff) struct Enrolling {
    pub(in crate::staff) account: staff_account::Model,
    digest: Vec<u8>,
}

/// Whoever has the secret of an invitation that is still good.
pub(in crate::staff) async fn with_secret(
    deps: &Deps,
    address: ClientAddress,
    text: &str,
) -> Result<Enrolling, Error> {
    attempts::count_from(deps, address).await?;
    let digest = one_time::digest_of(text.as_bytes()).ok_or(Error::EnrolmentRefused)?;
    let account = store::accounts::enrolling(&deps.db, &digest, deps.clock.now())
        .await?
        .ok_or(Error::EnrolmentRefused)?;
    Ok(Enrolling { account, digest })
}

/// A new TOTP secret of theirs, as an app reads it. It takes the place of one that was not confirmed.
pub(in crate::staff) async fn totp(deps: &Deps, enrolling: &Enrolling) -> Result<String, Error> {
    let account = &enrolling.account;
    let id = StaffCredentialId(deps.entropy.id());
    let secret = entropy::key::<{ totp::SECRET_BYTES }>(&*deps.entropy);
    let credential = Model {
        id,
        account_id: account.id,
        method: Method::Totp,
        key: proofs::seal_secret(deps, id, secret.as_slice())?,
        external_id: None,
        counter: 0,
        created_at: deps.clock.now(),
        confirmed_at: None,
    };
    let tx = begin_write(&deps.db).await?;
    store::accounts::lock(&tx, account.id).await?;
    store::credentials::remove_unconfirmed(&tx, account.id).await?;
    store::credentials::insert(&tx, credential).await?;
    tx.commit().await?;
    let uri = totp::uri(&deps.staff.name, &account.handle, secret.as_slice())?;
    Ok(uri)
}

/// Confirm the TOTP secret with a first code. The invitation is spent.
pub(in crate::staff) async fn confirm_totp(
    deps: &Deps,
    enrolling: &Enrolling,
    code: &str,
) -> Result<(), Error> {
    let account = enrolling.account.id;
    attempts::count(deps, Tried::Enrolment(account)).await?;
    let right = proofs::totp(deps, Some(account), false, code)
        .await?
        .ok_or(Error::ProofRefused)?;
    let now = deps.clock.now();
    let tx = begin_write(&deps.db).await?;
    spend(&tx, deps, enrolling, Method::Totp).await?;
    if !store::credentials::confirm(&tx, right.credential, right.counter, now).await? {
        return Err(Error::ProofRefused);
    }
    tx.commit().await?;
    Ok(())
}

/// A challenge for an authenticator that is to make a key of theirs.
pub(in crate::staff) async fn challenge(
    deps: &Deps,
    enrolling: &Enrolling,
) -> Result<String, Error> {
    challenges::new(deps, Purpose::Enrolment(enrolling.account.id)).await
}

/// Keep the key that an authenticator made. The invitation is spent.
pub(in crate::staff) async fn keep_key(
    deps: &Deps,
    enrolling: &Enrolling,
    client_data: &[u8],
    attestation: &[u8],
) -> Result<(), Error> {
    let account = enrolling.account.id;
    let challenge = challenges::spend(deps, client_data, Purpose::Enrolment(account))
        .await?
        .ok_or(Error::ProofRefused)?;
    let made = webauthn::made(proofs::party(deps), &challenge, client_data, attestation);
    let Made { id, key, counter } = made.map_err(|reason| {
        tracing::info!(staff.account = %account, "a key was refused: {reason}");
        Error::ProofRefused
    })?;
    let now = deps.clock.now();
    let credential = Model {
        id: StaffCredentialId(deps.entropy.id()),
        account_id: account,
        method: Method::Webauthn,
        key,
        external_id: Some(id),
        counter: counter.into(),
        created_at: now,
        confirmed_at: Some(now),
    };
    let tx = begin_write(&deps.db).await?;
    spend(&tx, deps, enrolling, Method::Webauthn).await?;
    if !store::credentials::insert(&tx, credential).await? {
        return Err(Error::ProofRefused);
    }
    tx.commit().await?;
    Ok(())
}

/// Spend the invitation: of several at once, one is good.
async fn spend(
    tx: &DatabaseTransaction,
    deps: &Deps,
    enrolling: &Enrolling,
    method: Method,
) -> Result<(), Error> {
    let account = enrolling.account.id;
    if !store::accounts::enrol(tx, account, &enrolling.digest, deps.clock.now()).await? {
        return Err(Error::EnrolmentRefused);
    }
    let enrolled = Event::Staff(StaffEvent::StaffEnrolled { method });
    audit::record(tx, deps, Actor::Staff(account), account, &enrolled).await?;
    Ok(())
}
