//! Looking at what somebody proves themselves with.

use entity::{
    staff_credential::{Method, Model},
    values::{StaffCredentialId, StaffId},
};
use sea_orm::DatabaseTransaction;
use zeroize::Zeroizing;

use super::super::{
    error::Error,
    store::credentials,
    totp,
    webauthn::{self, Assertion, RelyingParty},
};
use crate::{
    audit::{self, Actor, Event, StaffEvent, Subject},
    deps::Deps,
    platform::{db::begin_write, vault::Column},
};

const SECRET: Column = Column("staff_credential.key");

/// Stands for the secret of an account that there is not, so that looking takes as long.
const NOBODYS: [u8; totp::SECRET_BYTES] = [0; totp::SECRET_BYTES];

/// A proof that is right, and not spent yet.
#[derive(Debug)]
pub(super) struct Right {
    pub(super) account: StaffId,
    pub(super) credential: StaffCredentialId,
    pub(super) counter: i64,
}

/// What somebody says that their key did.
#[derive(Debug)]
pub(in crate::staff) struct KeyUsed {
    /// What the authenticator calls the key.
    pub(in crate::staff) credential: Vec<u8>,
    /// What the browser says.
    pub(in crate::staff) client_data: Vec<u8>,
    /// What the authenticator says.
    pub(in crate::staff) authenticator_data: Vec<u8>,
    /// Its signature.
    pub(in crate::staff) signature: Vec<u8>,
}

/// Whether `code` is one of the secret of `account`; nobody's if there is none.
pub(super) async fn totp(
    deps: &Deps,
    account: Option<StaffId>,
    confirmed: bool,
    code: &str,
) -> Result<Option<Right>, Error> {
    let now = deps.clock.now();
    let owner = account.unwrap_or(StaffId(deps.entropy.id()));
    let Some(credential) = credentials::totp_of(&deps.db, owner, confirmed).await? else {
        let _ = totp::accepted(&NOBODYS, code, now, 0);
        return Ok(None);
    };
    let secret = open_secret(deps, &credential)?;
    let right = totp::accepted(&secret, code, now, credential.counter);
    Ok(right.map(|step| Right {
        account: credential.account_id,
        credential: credential.id,
        counter: step,
    }))
}

/// Whether a key of somebody answered `challenge`, which is spent.
pub(super) async fn key(
    deps: &Deps,
    used: &KeyUsed,
    challenge: &str,
) -> Result<Option<Right>, Error> {
    let kept = credentials::with_external_id(&deps.db, &used.credential).await?;
    let Some(kept) = kept else { return Ok(None) };
    let assertion = Assertion {
        client_data: &used.client_data,
        authenticator_data: &used.authenticator_data,
        signature: &used.signature,
    };
    Ok(
        match webauthn::proved(party(deps), challenge, &kept.key, assertion) {
            Ok(counter) if webauthn::counts_on(kept.counter, counter) => Some(Right {
                account: kept.account_id,
                credential: kept.id,
                counter: counter.into(),
            }),
            Ok(_) => {
                tracing::warn!(staff.account = %kept.account_id, "a key of staff was copied");
                None
            }
            Err(reason) => {
                tracing::info!(staff.account = %kept.account_id, "a key was refused: {reason}");
                None
            }
        },
    )
}

/// Spend a right proof, as part of the transaction `tx`: of several uses at once, one is.
pub(super) async fn spend(tx: &DatabaseTransaction, right: &Right) -> Result<bool, Error> {
    Ok(credentials::count(tx, right.credential, right.counter).await?)
}

/// Note that a proof was refused, with the account that it was about.
pub(super) async fn note_refusal(
    deps: &Deps,
    account: Option<StaffId>,
    method: Method,
) -> Result<(), Error> {
    let subject = account.map_or(Subject::Nobody, Subject::Staff);
    let tx = begin_write(&deps.db).await?;
    let refused = Event::Staff(StaffEvent::StaffProofRefused { method });
    audit::record(&tx, deps, Actor::System, subject, &refused).await?;
    tx.commit().await?;
    Ok(())
}

/// The service that keys are made for.
pub(super) fn party(deps: &Deps) -> RelyingParty<'_> {
    RelyingParty {
        id: &deps.staff.rp_id,
        origins: &deps.staff.origins,
    }
}

/// A shared secret, sealed for its row.
pub(super) fn seal_secret(
    deps: &Deps,
    id: StaffCredentialId,
    secret: &[u8],
) -> Result<Vec<u8>, Error> {
    let place = SECRET.owned_by(id.0.as_bytes());
    Ok(deps.vault.seal(place, secret, &*deps.entropy)?)
}

fn open_secret(deps: &Deps, credential: &Model) -> Result<Zeroizing<Vec<u8>>, Error> {
    let place = SECRET.owned_by(credential.id.0.as_bytes());
    Ok(deps.vault.open(place, &credential.key)?)
}
