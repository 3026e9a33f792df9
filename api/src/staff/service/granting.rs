//! Roles: somebody requests, somebody else approves, and neither is the one who gets them.

use chrono::{DateTime, Utc};
use entity::{
    staff_grant::Model,
    values::{Community, Division, GrantId, Role, StaffId},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::super::{
    actor::Staff,
    error::Error,
    rules::{self, ApprovalRefused, GrantState, Term},
    store,
};
use crate::{
    audit::{self, Actor, Event, StaffEvent},
    deps::Deps,
    platform::db::begin_write,
    regions,
};

/// A role to be held.
#[derive(Debug)]
pub(in crate::staff) struct Wanted {
    pub(in crate::staff) account: StaffId,
    pub(in crate::staff) role: Role,
    pub(in crate::staff) division: Division,
    pub(in crate::staff) community: Option<Community>,
    pub(in crate::staff) term: Term,
}

/// The term of a grant.
fn term(grant: &Model) -> Term {
    Term {
        starts_at: grant.starts_at,
        ends_at: grant.ends_at,
    }
}

/// What became of a grant.
pub(in crate::staff) fn state(grant: &Model, now: DateTime<Utc>) -> GrantState {
    let (approved, revoked) = (grant.approved_at.is_some(), grant.revoked_at.is_some());
    rules::state(now, term(grant), grant.requested_at, approved, revoked)
}

/// Request a role for somebody else, in a region that the caller administers, as part of the
/// transaction `tx`.
pub(in crate::staff) async fn request(
    tx: &DatabaseTransaction,
    deps: &Deps,
    staff: &Staff,
    wanted: &Wanted,
) -> Result<Model, Error> {
    let now = deps.clock.now();
    store::accounts::find_within(tx, wanted.account, &staff.scope.regions())
        .await?
        .ok_or(Error::NotFound)?;
    if wanted.account == staff.account {
        return Err(Error::AnotherPersonNeeded);
    }
    if !regions::is_known(&wanted.division) {
        return Err(Error::UnknownDivision(wanted.division.clone()));
    }
    if !staff.scope.covers(&wanted.division) {
        return Err(Error::ForeignDivision(wanted.division.clone()));
    }
    if !rules::may_be_held_in(wanted.role, &wanted.division) {
        return Err(Error::ProvinceOnly);
    }
    if let Some(community) = &wanted.community {
        may_be_held_for(wanted, community)?;
        if !store::communities::is_open(tx, community).await? {
            return Err(Error::UnknownCommunity);
        }
    }
    wanted.term.check(now)?;
    fits(tx, wanted.account, wanted.role, wanted.term, now).await?;
    let grant = Model {
        id: GrantId(deps.entropy.id()),
        account_id: wanted.account,
        role: wanted.role,
        division: wanted.division.clone(),
        community: wanted.community.clone(),
        starts_at: wanted.term.starts_at,
        ends_at: wanted.term.ends_at,
        requested_by: Some(staff.account),
        requested_at: now,
        approved_by: None,
        approved_at: None,
        revoked_at: None,
    };
    store::grants::insert(tx, grant.clone()).await?;
    let actor = Actor::Staff(staff.account);
    audit::record(tx, deps, actor, grant.account_id, &requested(&grant)).await?;
    Ok(grant)
}

/// Whether the role is one for a single community, and it lies in the division.
fn may_be_held_for(wanted: &Wanted, community: &Community) -> Result<(), Error> {
    if !rules::may_be_held_for_a_community(wanted.role) {
        return Err(Error::NotForACommunity);
    }
    if community.division().ok().as_ref() != Some(&wanted.division) {
        return Err(Error::CommunityElsewhere);
    }
    Ok(())
}

pub(super) fn requested(grant: &Model) -> Event {
    Event::Staff(StaffEvent::GrantRequested {
        grant: grant.id,
        role: grant.role,
        division: grant.division.clone(),
        community: grant.community.clone(),
        starts_at: grant.starts_at,
        ends_at: grant.ends_at,
    })
}

/// Whether `role` goes together with what somebody holds, or will, in the same time, and their
/// account is in use. Their account is locked from here on, so that it stays so.
async fn fits(
    tx: &impl ConnectionTrait,
    account: StaffId,
    role: Role,
    term: Term,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let account = store::accounts::lock(tx, account)
        .await?
        .ok_or(Error::NotFound)?;
    if account.suspended_at.is_some() {
        return Err(Error::AccountSuspended);
    }
    let held = store::grants::to_come(tx, account.id, now).await?;
    let held = held.iter().map(|grant| (grant.role, self::term(grant)));
    match rules::clash(role, term, held) {
        Some(other) => Err(Error::RolesClash(other)),
        None => Ok(()),
    }
}

/// Whether `requester` may still request roles in `division`, and neither they nor `approver` is
/// there because the other invited them: nobody makes the second person of two.
async fn requester_stands(
    tx: &impl ConnectionTrait,
    approver: StaffId,
    requester: StaffId,
    division: &Division,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let approving = store::accounts::find(tx, approver).await?;
    let requesting = store::accounts::find(tx, requester).await?;
    let (approving, requesting) = approving.zip(requesting).ok_or(Error::NotFound)?;
    if !rules::invited_apart(
        (approver, approving.invited_by),
        (requester, requesting.invited_by),
    ) {
        return Err(Error::AnotherPersonNeeded);
    }
    let held = store::grants::in_force(tx, requester, now).await?;
    let administers = held
        .iter()
        .any(|held| held.role == Role::RegionAdmin && held.division.contains(division));
    if requesting.suspended_at.is_some() || !administers {
        return Err(Error::RequesterGone);
    }
    Ok(())
}

/// Approve a role that somebody else requested, as part of the transaction `tx`. Of two approvals at
/// once, one is told that it was decided.
pub(in crate::staff) async fn approve(
    tx: &DatabaseTransaction,
    deps: &Deps,
    staff: &Staff,
    id: GrantId,
) -> Result<Model, Error> {
    let now = deps.clock.now();
    let grant = store::grants::find_within(tx, id, &staff.scope.regions())
        .await?
        .ok_or(Error::NotFound)?;
    let now_is = state(&grant, now);
    rules::may_approve(staff.account, grant.account_id, grant.requested_by, now_is).map_err(
        |refused| match refused {
            ApprovalRefused::Own => Error::AnotherPersonNeeded,
            ApprovalRefused::Decided => Error::GrantDecided,
        },
    )?;
    if let Some(requester) = grant.requested_by {
        requester_stands(tx, staff.account, requester, &grant.division, now).await?;
    }
    if let Some(community) = &grant.community
        && !store::communities::is_open(tx, community).await?
    {
        return Err(Error::CommunityClosed);
    }
    fits(tx, grant.account_id, grant.role, term(&grant), now).await?;
    if !store::grants::approve(tx, id, staff.account, now).await? {
        return Err(Error::GrantDecided);
    }
    let (actor, approved) = (
        Actor::Staff(staff.account),
        Event::Staff(StaffEvent::GrantApproved { grant: id }),
    );
    audit::record(tx, deps, actor, grant.account_id, &approved).await?;
    Ok(Model {
        approved_by: Some(staff.account),
        approved_at: Some(now),
        ..grant
    })
}

/// Take a role back at once, or the request for one.
pub(in crate::staff) async fn revoke(deps: &Deps, staff: &Staff, id: GrantId) -> Result<(), Error> {
    let now = deps.clock.now();
    let tx = begin_write(&deps.db).await?;
    let grant = store::grants::find_within(&tx, id, &staff.scope.regions())
        .await?
        .ok_or(Error::NotFound)?;
    if store::grants::revoke(&tx, id, now).await? {
        let (actor, revoked) = (
            Actor::Staff(staff.account),
            Event::Staff(StaffEvent::GrantRevoked { grant: id }),
        );
        audit::record(&tx, deps, actor, grant.account_id, &revoked).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Grants for the caller's regions, the latest requested first: one more than `limit` if there are
/// more.
pub(in crate::staff) async fn list(
    deps: &Deps,
    staff: &Staff,
    after: Option<(DateTime<Utc>, GrantId)>,
    limit: u64,
) -> Result<Vec<Model>, Error> {
    let regions = staff.scope.regions();
    Ok(store::grants::page(&deps.db, &regions, after, limit + 1).await?)
}
