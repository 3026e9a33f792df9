//! Proving oneself again, for what is sensitive (S10).

use chrono::{DateTime, Utc};
use entity::staff_credential::Method;

use super::{
    super::{actor::Staff, error::Error, rules, store},
    attempts::{self, Tried},
    challenges::{self, Purpose},
    proofs::{self, KeyUsed, Right},
};
use crate::{
    audit::{self, Actor, Event, StaffEvent},
    deps::Deps,
    platform::db::begin_write,
};

/// Prove oneself again with a code. Returns until when that counts.
pub(in crate::staff) async fn by_totp(
    deps: &Deps,
    staff: &Staff,
    code: &str,
) -> Result<DateTime<Utc>, Error> {
    attempts::count(deps, Tried::StepUp(staff.account)).await?;
    let right = proofs::totp(deps, Some(staff.account), true, code).await?;
    step_up(deps, staff, right, Method::Totp).await
}

/// A challenge for the caller's own key.
pub(in crate::staff) async fn challenge(deps: &Deps, staff: &Staff) -> Result<String, Error> {
    challenges::new(deps, Purpose::StepUp(staff.session)).await
}

/// Prove oneself again with a key. Returns until when that counts.
pub(in crate::staff) async fn by_key(
    deps: &Deps,
    staff: &Staff,
    used: &KeyUsed,
) -> Result<DateTime<Utc>, Error> {
    attempts::count(deps, Tried::StepUp(staff.account)).await?;
    let purpose = Purpose::StepUp(staff.session);
    let Some(challenge) = challenges::spend(deps, &used.client_data, purpose).await? else {
        return refused(deps, staff, Method::Webauthn).await;
    };
    let right = proofs::key(deps, used, &challenge).await?;
    let right = right.filter(|right| right.account == staff.account);
    step_up(deps, staff, right, Method::Webauthn).await
}

async fn step_up(
    deps: &Deps,
    staff: &Staff,
    right: Option<Right>,
    method: Method,
) -> Result<DateTime<Utc>, Error> {
    let Some(right) = right else {
        return refused(deps, staff, method).await;
    };
    let now = deps.clock.now();
    let tx = begin_write(&deps.db).await?;
    if !proofs::spend(&tx, &right).await? {
        tx.rollback().await?;
        return refused(deps, staff, method).await;
    }
    if !store::sessions::note_proof(&tx, staff.session, now).await? {
        return Err(Error::Unauthenticated);
    }
    let stepped_up = Event::Staff(StaffEvent::StaffSteppedUp {
        session: staff.session,
        method,
    });
    let actor = Actor::Staff(staff.account);
    audit::record(&tx, deps, actor, staff.account, &stepped_up).await?;
    tx.commit().await?;
    Ok(now + rules::FRESH)
}

async fn refused(deps: &Deps, staff: &Staff, method: Method) -> Result<DateTime<Utc>, Error> {
    proofs::note_refusal(deps, Some(staff.account), method).await?;
    Err(Error::ProofRefused)
}
