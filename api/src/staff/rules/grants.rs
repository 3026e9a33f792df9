//! Who may be what, and who decides on it.

use chrono::{DateTime, Months, TimeDelta, Utc};
use entity::values::{Area, Community, Division, Role, StaffId};
use serde::Serialize;
use utoipa::ToSchema;

/// For how long a request may be approved.
const OPEN: TimeDelta = TimeDelta::days(7);

/// Months that a grant lasts, and that it may begin ahead, at the most.
const LONGEST: Months = Months::new(12);

/// Roles of which nobody may have both: one requests what the other approves, or brings what the other
/// decides is right.
const APART: [(Role, Role); 3] = [
    (Role::PolicyAuthor, Role::PolicyApprover),
    (Role::Epidemiologist, Role::Reviewer),
    (Role::DataSteward, Role::Reviewer),
];

/// From when until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::staff) struct Term {
    /// From when on.
    pub(in crate::staff) starts_at: DateTime<Utc>,
    /// Until when.
    pub(in crate::staff) ends_at: DateTime<Utc>,
}

/// What is wrong with a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TermFault {
    /// It ends before it starts, or is over.
    #[error("the term is over before it begins")]
    Over,
    /// It lasts longer than a year.
    #[error("the term is longer than a year")]
    TooLong,
    /// It starts more than a year from now.
    #[error("the term starts more than a year from now")]
    TooFar,
}

/// When a grant that starts at `starts_at` ends at the latest.
pub(in crate::staff) fn longest_end(starts_at: DateTime<Utc>) -> DateTime<Utc> {
    starts_at.checked_add_months(LONGEST).unwrap_or(starts_at)
}

impl Term {
    /// Whether somebody may be something for this long.
    pub(in crate::staff) fn check(self, now: DateTime<Utc>) -> Result<(), TermFault> {
        if self.ends_at <= self.starts_at || self.ends_at <= now {
            return Err(TermFault::Over);
        }
        if self.ends_at > longest_end(self.starts_at) {
            return Err(TermFault::TooLong);
        }
        if self.starts_at > longest_end(now) {
            return Err(TermFault::TooFar);
        }
        Ok(())
    }

    fn overlaps(self, other: Self) -> bool {
        self.starts_at < other.ends_at && other.starts_at < self.ends_at
    }
}

/// Whether `role` may be held at the province alone.
fn is_only_provincial(role: Role) -> bool {
    matches!(role, Role::PolicyAuthor | Role::PolicyApprover)
}

/// The roles that the command line gives where nobody holds them: without both there is nobody to
/// request a role, or nobody to approve it.
pub(in crate::staff) fn first_roles() -> [Role; 2] {
    [Role::RegionAdmin, Role::GrantApprover]
}

/// Whether the same person may not be both at once: nobody requests and approves the same thing, and
/// whoever requests or approves roles holds no other.
fn are_apart(one: Role, other: Role) -> bool {
    let administers = |role| matches!(role, Role::RegionAdmin | Role::GrantApprover);
    let requests_and_approves = APART.contains(&(one, other)) || APART.contains(&(other, one));
    requests_and_approves || (one != other && (administers(one) || administers(other)))
}

/// The role among `held` that somebody may not have while they are `role`.
pub(in crate::staff) fn clash(
    role: Role,
    term: Term,
    held: impl IntoIterator<Item = (Role, Term)>,
) -> Option<Role> {
    held.into_iter()
        .find(|(other, theirs)| are_apart(role, *other) && term.overlaps(*theirs))
        .map(|(other, _)| other)
}

/// What becomes of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantState {
    /// Requested and not approved.
    Pending,
    /// Requested, and not approved in time.
    Lapsed,
    /// Approved and not begun.
    Approved,
    /// Approved and begun.
    InForce,
    /// Over.
    Over,
    /// Taken back.
    Revoked,
}

/// What became of a grant at `now`.
pub(in crate::staff) fn state(
    now: DateTime<Utc>,
    term: Term,
    requested_at: DateTime<Utc>,
    approved: bool,
    revoked: bool,
) -> GrantState {
    if revoked {
        GrantState::Revoked
    } else if !approved && (now >= requested_at + OPEN || now >= term.ends_at) {
        GrantState::Lapsed
    } else if !approved {
        GrantState::Pending
    } else if now >= term.ends_at {
        GrantState::Over
    } else if now < term.starts_at {
        GrantState::Approved
    } else {
        GrantState::InForce
    }
}

/// Why somebody may not approve a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::staff) enum ApprovalRefused {
    /// Somebody has two parts in it: who requests, who approves and who gets it are three people.
    Own,
    /// It is not waiting for anybody.
    Decided,
}

/// Whether `approver` may approve a grant of `grantee` that `requester` requested.
pub(in crate::staff) fn may_approve(
    approver: StaffId,
    grantee: StaffId,
    requester: Option<StaffId>,
    state: GrantState,
) -> Result<(), ApprovalRefused> {
    if approver == grantee || Some(approver) == requester || Some(grantee) == requester {
        return Err(ApprovalRefused::Own);
    }
    if state != GrantState::Pending {
        return Err(ApprovalRefused::Decided);
    }
    Ok(())
}

/// Whether neither of two people, each with who invited them, invited the other.
pub(in crate::staff) fn invited_apart(
    one: (StaffId, Option<StaffId>),
    other: (StaffId, Option<StaffId>),
) -> bool {
    one.1 != Some(other.0) && other.1 != Some(one.0)
}

/// Whether `role` may be held for a single community.
pub(in crate::staff) fn may_be_held_for_a_community(role: Role) -> bool {
    role == Role::CommunityIssuer
}

/// Where a role for `division`, or for one community in it, is held.
pub(in crate::staff) fn area(division: Division, community: Option<Community>) -> Area {
    community.map_or_else(|| division.into(), Area::from)
}

/// Whether a role of this kind may be held in `division`.
pub(in crate::staff) fn may_be_held_in(role: Role, division: &Division) -> bool {
    !is_only_provincial(role) || division.stem() == division.province()
}

#[cfg(test)]
mod tests;
