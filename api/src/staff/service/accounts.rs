//! Looking after accounts.

use chrono::{DateTime, Utc};
use entity::{staff_account::Model, staff_session::Ending, values::StaffId};

use super::{
    super::{actor::Staff, error::Error, store},
    log_in::end_all,
    members::Member,
};
use crate::{
    audit::{self, Actor, Event, StaffEvent},
    deps::Deps,
    platform::db::begin_write,
};

/// Accounts of the caller's regions, the latest invited first: one more than `limit` if there are
/// more.
pub(in crate::staff) async fn list(
    deps: &Deps,
    staff: &Staff,
    after: Option<(DateTime<Utc>, StaffId)>,
    limit: u64,
) -> Result<Vec<Member>, Error> {
    let regions = staff.scope.regions();
    let accounts: Vec<Model> = store::accounts::page(&deps.db, &regions, after, limit + 1).await?;
    accounts
        .into_iter()
        .map(|account| Member::open(deps, account))
        .collect()
}

/// An account of the caller's regions.
pub(in crate::staff) async fn find(
    deps: &Deps,
    staff: &Staff,
    id: StaffId,
) -> Result<Member, Error> {
    let account = store::accounts::find_within(&deps.db, id, &staff.scope.regions())
        .await?
        .ok_or(Error::NotFound)?;
    Member::open(deps, account)
}

/// Suspend an account of the caller's regions at once, and end its session; or reinstate it.
///
/// Refused where the account is something now that is not the caller's to give: those above decide.
pub(in crate::staff) async fn set_suspended(
    deps: &Deps,
    staff: &Staff,
    id: StaffId,
    suspended: bool,
) -> Result<(), Error> {
    let now = deps.clock.now();
    let suspended_at = suspended.then_some(now);
    let tx = begin_write(&deps.db).await?;
    store::accounts::find_within(&tx, id, &staff.scope.regions())
        .await?
        .ok_or(Error::NotFound)?;
    if id == staff.account {
        return Err(Error::AnotherPersonNeeded);
    }
    // Whatever is approved for them waits until this is decided.
    store::accounts::lock(&tx, id).await?;
    let held = store::grants::in_force(&tx, id, now).await?;
    if !held.iter().all(|grant| staff.scope.covers(&grant.division)) {
        return Err(Error::HeldElsewhere);
    }
    if store::accounts::set_suspended(&tx, id, suspended_at).await? {
        let event = if suspended {
            Event::Staff(StaffEvent::StaffSuspended {})
        } else {
            Event::Staff(StaffEvent::StaffReinstated {})
        };
        let actor = Actor::Staff(staff.account);
        audit::record(&tx, deps, actor, id, &event).await?;
        if suspended {
            end_all(&tx, deps, actor, id, Ending::Suspended).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}
