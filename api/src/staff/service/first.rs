//! The first of a region: appointed from the command line, where there is nobody to ask.

use entity::{
    staff_grant::Model,
    values::{GrantId, Role},
};

use super::{
    super::{error::Error, rules, store},
    granting::requested,
    inviting::{self, Invited, Newcomer},
};
use crate::{
    audit::{self, Actor, Event, StaffEvent},
    deps::Deps,
    platform::db::begin_write,
};

/// Invite `newcomer` and let them be `role` in their division for a year, from now on.
///
/// Only the roles without which nobody gets any, and only where nobody who can log in, or may still
/// enrol, holds the role.
pub async fn appoint(deps: &Deps, newcomer: &Newcomer, role: Role) -> Result<Invited, Error> {
    if !rules::first_roles().contains(&role) {
        return Err(Error::NotAFirstRole);
    }
    let now = deps.clock.now();
    let tx = begin_write(&deps.db).await?;
    let around = newcomer.division.chain();
    let holders = store::grants::holders(&tx, role, around, now).await?;
    if !store::accounts::able(&tx, holders, now).await?.is_empty() {
        return Err(Error::RoleIsHeld);
    }
    let invited = inviting::add(&tx, deps, Actor::Operator, newcomer).await?;
    let grant = Model {
        id: GrantId(deps.entropy.id()),
        account_id: invited.account,
        role,
        division: newcomer.division.clone(),
        community: None,
        starts_at: now,
        ends_at: rules::longest_end(now),
        requested_by: None,
        requested_at: now,
        approved_by: None,
        approved_at: Some(now),
        revoked_at: None,
    };
    store::grants::insert(&tx, grant.clone()).await?;
    for event in [
        requested(&grant),
        Event::Staff(StaffEvent::GrantApproved { grant: grant.id }),
    ] {
        audit::record(&tx, deps, Actor::Operator, invited.account, &event).await?;
    }
    tx.commit().await?;
    Ok(invited)
}
