//! Sessions, and what they let somebody do.

use entity::{staff_account, staff_grant, staff_session};

use super::super::{
    actor::{Scope, Staff},
    error::Error,
    matrix::Permission,
    rules, store,
};
use super::members::Member;
use crate::{deps::Deps, platform::one_time};

/// Whoever has `token`, if the table lets them call the route of `permission` now.
pub(in crate::staff) async fn authorise(
    deps: &Deps,
    token: &[u8],
    permission: &Permission,
) -> Result<Staff, Error> {
    let now = deps.clock.now();
    let (session, account) = going_on(deps, token).await?;
    let grants = store::grants::in_force(&deps.db, account.id, now).await?;
    let listed: Vec<_> = grants
        .into_iter()
        .filter(|grant| permission.roles.contains(&grant.role))
        .map(|grant| (grant.role, rules::area(grant.division, grant.community)))
        .collect();
    if listed.is_empty() && !permission.roles.is_empty() {
        return Err(Error::RoleRequired);
    }
    if permission.step_up && !rules::is_fresh(now, session.proved_at) {
        return Err(Error::StepUpNeeded);
    }
    if rules::is_noted(now, session.used_at) {
        store::sessions::note_use(&deps.db, session.id, now).await?;
    }
    Ok(Staff {
        account: account.id,
        session: session.id,
        scope: Scope::of(listed),
    })
}

/// The session of `token` and its account, if it goes on.
async fn going_on(
    deps: &Deps,
    token: &[u8],
) -> Result<(staff_session::Model, staff_account::Model), Error> {
    let digest = one_time::digest_of(token).ok_or(Error::Unauthenticated)?;
    let session = store::sessions::with_digest(&deps.db, &digest)
        .await?
        .filter(|session| {
            let ended = session.ended_at.is_some();
            rules::goes_on(deps.clock.now(), ended, session.expires_at, session.used_at)
        })
        .ok_or(Error::Unauthenticated)?;
    let account = store::accounts::find(&deps.db, session.account_id)
        .await?
        .filter(|account| account.suspended_at.is_none())
        .ok_or(Error::Unauthenticated)?;
    Ok((session, account))
}

/// The caller's own account, and what they may be now.
pub(in crate::staff) async fn myself(
    deps: &Deps,
    staff: &Staff,
) -> Result<(Member, Vec<staff_grant::Model>), Error> {
    let account = store::accounts::find(&deps.db, staff.account)
        .await?
        .ok_or(Error::Unauthenticated)?;
    let grants = store::grants::in_force(&deps.db, staff.account, deps.clock.now()).await?;
    Ok((Member::open(deps, account)?, grants))
}

/// Sessions forgotten at once.
const FORGOTTEN_AT_ONCE: u64 = 500;

/// Forget some of the sessions that are long over. Returns how many.
pub(in crate::staff) async fn forget_old(deps: &Deps) -> Result<u64, Error> {
    let since = deps.clock.now() - rules::REMEMBERED;
    Ok(store::sessions::forget(&deps.db, since, FORGOTTEN_AT_ONCE).await?)
}
