//! What may be asked for, on what evidence, and how a request goes on.
//!
//! Pure decisions. That nothing is applied with fewer than two approvals of different people, none of
//! them whoever asked, follows from [`after`] alone.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use entity::values::{
    FactKind, OverrideEffect, OverrideGround, OverrideState, ReasonCode, StaffId, TestResult,
};

/// How many people a request names, at the most.
pub const MOST_PEOPLE: usize = 50;

/// How many others approve a request before it takes effect.
pub const APPROVALS: usize = 2;

/// For how long a request waits for them.
pub const WAITS: TimeDelta = TimeDelta::hours(24);

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// What.
    pub effect: OverrideEffect,
    /// Why.
    pub ground: OverrideGround,
    /// The cause that is to end.
    pub cause: Option<ReasonCode>,
    /// Until when a colour is to be worse.
    pub until: Option<DateTime<Utc>>,
}

/// What is wrong with what is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The ground is none for this.
    Ground,
    /// A release names no cause, or one that nobody releases so.
    Cause,
    /// A worse colour names a cause, which is its own.
    CauseOfWorse,
    /// A worse colour has no end.
    NoEnd,
    /// A release has one.
    EndOfRelease,
    /// The end has passed.
    EndPassed,
    /// The end is too far away.
    EndTooFar,
}

impl Asked {
    /// Whether it may be asked for at `now`, where a colour is worse for `longest` at the most.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(self, now: DateTime<Utc>, longest: TimeDelta) -> Result<(), Fault> {
        if !self.ground.is_for(self.effect) {
            return Err(Fault::Ground);
        }
        if !self.effect.worsens() {
            return match (self.cause, self.until) {
                (_, Some(_)) => Err(Fault::EndOfRelease),
                (Some(cause), None) if is_released_so(cause) => Ok(()),
                _ => Err(Fault::Cause),
            };
        }
        match (self.cause, self.until) {
            (Some(_), _) => Err(Fault::CauseOfWorse),
            (None, None) => Err(Fault::NoEnd),
            (None, Some(until)) if until <= now => Err(Fault::EndPassed),
            (None, Some(until)) if until > now + longest => Err(Fault::EndTooFar),
            (None, Some(_)) => Ok(()),
        }
    }
}

/// Whether a cause ends by a decision before its time. What was pushed is for its origin to take back; a
/// record that is too old, a test that is overdue and what is not decided end by what is missing; and
/// what was decided here is withdrawn.
#[must_use]
pub fn is_released_so(cause: ReasonCode) -> bool {
    !matches!(
        cause,
        ReasonCode::R08
            | ReasonCode::R09
            | ReasonCode::Y06
            | ReasonCode::Y07
            | ReasonCode::Y08
            | ReasonCode::G00
    )
}

/// What a request can rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// A fact of this kind.
    Fact(FactKind),
    /// The last report of a sample.
    Test(TestResult),
}

/// Whether `evidence` shows something of somebody's health that `effect` can rest on.
///
/// That somebody arrived from elsewhere, is isolated, or that another region or this one wants them to
/// show a colour says nothing of their health: nobody's colour gets worse by that (Zhengzhou, 2022).
#[must_use]
pub fn shows(evidence: Evidence, effect: OverrideEffect) -> bool {
    match evidence {
        Evidence::Fact(FactKind::Push | FactKind::Override) => false,
        Evidence::Fact(
            FactKind::CloseContact
            | FactKind::SecondaryContact
            | FactKind::Companion
            | FactKind::SuspectedCase
            | FactKind::ConfirmedCase,
        )
        | Evidence::Test(TestResult::Positive | TestResult::Inconclusive) => true,
        Evidence::Fact(
            FactKind::Arrival
            | FactKind::IsolationStarted
            | FactKind::IsolationEnded
            | FactKind::Recovered
            | FactKind::SuspicionExcluded,
        )
        | Evidence::Test(TestResult::Negative) => !effect.worsens(),
    }
}

/// How a request stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// How far it got.
    pub state: OverrideState,
    /// What it asks for.
    pub effect: OverrideEffect,
    /// Until when a colour is to be worse.
    pub until: Option<DateTime<Utc>>,
    /// Who asks.
    pub requested_by: StaffId,
    /// When.
    pub requested_at: DateTime<Utc>,
    /// Whether they may still ask for it where it is asked for.
    pub requester_stands: bool,
    /// Who approved it.
    pub approvals: Vec<Approval>,
}

/// One approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approval {
    /// Who.
    pub by: StaffId,
    /// Whether they work for another unit than whoever asks.
    pub another_unit: bool,
    /// Whether they may still approve. Else it does not count.
    pub stands: bool,
}

/// Somebody who is to approve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approver {
    /// Who.
    pub account: StaffId,
    /// Whether they work for another unit than whoever asks.
    pub another_unit: bool,
    /// Whether neither is here by what the other did: invited, or given a role.
    pub apart: bool,
}

/// What somebody does about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Approve it.
    Approve(Approver),
    /// Refuse it.
    Refuse(StaffId),
    /// Take it back.
    Withdraw(StaffId),
    /// Nobody does anything.
    Lapse,
}

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The approval counts, and another is needed.
    Waits,
    /// The request comes to stand so.
    Becomes(OverrideState),
}

/// Why nothing follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// Nothing is to be decided any more.
    Closed,
    /// Nobody decides on what they asked for themselves.
    Own,
    /// One of them is here by what the other did.
    Related,
    /// Nobody approves twice.
    Twice,
    /// Two of the unit that asks are not enough.
    SameUnit,
    /// Whoever asked may not ask for it any more.
    RequesterGone,
    /// Only whoever asked takes back what waits.
    NotTheirs,
    /// What was lifted comes back by nobody's hand alone.
    ReleaseStands,
}

/// What follows of `act` at `now`.
///
/// A request is applied by the second approval of different people, none of whom asked, at least one of
/// whom works for another unit, within [`WAITS`], and before its own end. Taking back a worse colour
/// takes one person, since it never makes a colour worse; a release that was applied is not taken back.
///
/// # Errors
/// Why nothing follows.
pub fn after(standing: &Standing, act: Act, now: DateTime<Utc>) -> Result<Next, Denied> {
    match act {
        Act::Approve(approver) => approved(standing, approver, now),
        Act::Refuse(by) if by == standing.requested_by => Err(Denied::Own),
        Act::Refuse(_) if is_open(standing, now) => Ok(Next::Becomes(OverrideState::Refused)),
        Act::Withdraw(by) => withdrawn(standing, by, now),
        Act::Lapse if standing.state == OverrideState::Waiting && !is_open(standing, now) => {
            Ok(Next::Becomes(OverrideState::Lapsed))
        }
        Act::Refuse(_) | Act::Lapse => Err(Denied::Closed),
    }
}

fn is_open(standing: &Standing, now: DateTime<Utc>) -> bool {
    standing.state == OverrideState::Waiting
        && now < standing.requested_at + WAITS
        && standing.until.is_none_or(|until| now < until)
}

fn approved(standing: &Standing, approver: Approver, now: DateTime<Utc>) -> Result<Next, Denied> {
    if !is_open(standing, now) {
        return Err(Denied::Closed);
    }
    if approver.account == standing.requested_by {
        return Err(Denied::Own);
    }
    if !approver.apart {
        return Err(Denied::Related);
    }
    if standing
        .approvals
        .iter()
        .any(|before| before.by == approver.account)
    {
        return Err(Denied::Twice);
    }
    if !standing.requester_stands {
        return Err(Denied::RequesterGone);
    }
    let counted = standing
        .approvals
        .iter()
        .filter(|before| before.stands && before.by != standing.requested_by);
    let others: BTreeSet<StaffId> = counted.clone().map(|before| before.by).collect();
    if others.len() + 1 < APPROVALS {
        return Ok(Next::Waits);
    }
    let of_another_unit = counted.clone().any(|before| before.another_unit);
    if of_another_unit || approver.another_unit {
        Ok(Next::Becomes(OverrideState::Applied))
    } else {
        Err(Denied::SameUnit)
    }
}

fn withdrawn(standing: &Standing, by: StaffId, now: DateTime<Utc>) -> Result<Next, Denied> {
    let over = standing.until.is_some_and(|until| until <= now);
    match standing.state {
        OverrideState::Waiting if by != standing.requested_by => Err(Denied::NotTheirs),
        OverrideState::Waiting => Ok(Next::Becomes(OverrideState::Withdrawn)),
        OverrideState::Applied if !standing.effect.worsens() => Err(Denied::ReleaseStands),
        OverrideState::Applied if !over => Ok(Next::Becomes(OverrideState::Withdrawn)),
        OverrideState::Applied
        | OverrideState::Refused
        | OverrideState::Lapsed
        | OverrideState::Withdrawn => Err(Denied::Closed),
    }
}

/// Whether somebody of the unit `one` and somebody of the unit `other` are of two.
#[must_use]
pub fn are_two_units(one: &str, other: &str) -> bool {
    one.trim() != other.trim()
}

#[cfg(test)]
mod tests;
