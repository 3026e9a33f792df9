//! What a rule may become, who may make it so, and what may happen once it is in force.

use chrono::{DateTime, TimeDelta, Utc};
use entity::values::{Colour, Division, RuleState, StaffId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::version::Version;

/// How long ahead it is published what comes into force, and what ends.
pub const NOTICE: TimeDelta = TimeDelta::hours(48);

/// How long every process may go on as it was: nothing begins or ends sooner than all know of it.
pub const LEAD: TimeDelta = TimeDelta::seconds(2);

/// How far ahead a date may lie. Anything farther is a slip of the hand.
pub const FARTHEST: TimeDelta = TimeDelta::days(3_650);

/// How long a dry run speaks for the people as they are.
pub const FRESH: TimeDelta = TimeDelta::days(7);

/// People who approve a rule, at the least.
pub const APPROVALS: usize = 2;

/// What is done to a version of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Its author writes it anew.
    Rewrite,
    /// Its author proposes it.
    Propose,
    /// It is tried on everybody.
    Simulate,
    /// Somebody approves it, the last of `approvals` so far.
    Approve {
        /// How many did, this one included.
        approvals: usize,
    },
    /// Its date is set.
    Schedule,
    /// Somebody refuses it.
    Refuse,
    /// Its time has come.
    Begin,
    /// Its time is over.
    End,
    /// What happened was not what was predicted.
    RollBack,
}

/// This cannot be done to a rule that stands where this one does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a rule that is {0:?} does not take this step")]
pub struct WrongState(pub RuleState);

/// Where a rule stands after `step`.
pub fn after(state: RuleState, step: Step) -> Result<RuleState, WrongState> {
    use RuleState::{
        Active, Approved, Draft, Proposed, Refused, Retired, RolledBack, Scheduled, Simulated,
    };
    match (state, step) {
        (Draft, Step::Rewrite) => Ok(Draft),
        (Draft, Step::Propose) => Ok(Proposed),
        (Simulated | Approved, Step::Approve { approvals }) if approvals >= APPROVALS => {
            Ok(Approved)
        }
        (Proposed | Simulated | Approved, Step::Simulate) | (Simulated, Step::Approve { .. }) => {
            Ok(Simulated)
        }
        (Approved, Step::Schedule) => Ok(Scheduled),
        (Draft | Proposed | Simulated | Approved | Scheduled, Step::Refuse) => Ok(Refused),
        (Scheduled | Retired, Step::Begin) => Ok(Active),
        (Scheduled | Active, Step::End) => Ok(Retired),
        (Scheduled | Active, Step::RollBack) => Ok(RolledBack),
        (state, _) => Err(WrongState(state)),
    }
}

/// Whether `new` is a version that a rule with the versions `known` may have.
#[must_use]
pub fn grows(known: &[Version], new: Version) -> bool {
    known.iter().all(|known| *known < new)
}

/// Why somebody may not approve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotTheirs {
    /// They wrote it.
    Author,
    /// They approved it before.
    Again,
}

/// Whether `by` may approve what `author` wrote and `others` approved.
pub fn may_approve(
    by: StaffId,
    author: Option<StaffId>,
    others: &[StaffId],
) -> Result<(), NotTheirs> {
    if author == Some(by) {
        Err(NotTheirs::Author)
    } else if others.contains(&by) {
        Err(NotTheirs::Again)
    } else {
        Ok(())
    }
}

/// Whether a dry run of `taken_at` says nothing any more at `now`: it is old, or since then a rule
/// began or ended at one of `turns`, so that it was tried beside other rules than it would meet.
#[must_use]
pub fn is_stale(
    taken_at: DateTime<Utc>,
    now: DateTime<Utc>,
    turns: impl IntoIterator<Item = DateTime<Utc>>,
) -> bool {
    let turned = |turn: DateTime<Utc>| taken_at < turn && turn <= now;
    now - taken_at > FRESH || turns.into_iter().any(turned)
}

/// Whether a date that is set at `now` gives people their notice.
#[must_use]
pub fn gives_notice(date: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    date >= now + NOTICE && date <= now + FARTHEST
}

/// People who would come to show another colour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Shift {
    /// Where they live.
    pub division: Division,
    /// What they show.
    pub from: Colour,
    /// What they would show.
    pub to: Colour,
    /// How many.
    #[schema(minimum = 0)]
    pub people: u64,
}

/// What trying a rule on everybody found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prediction {
    /// When.
    pub taken_at: DateTime<Utc>,
    /// On how many people.
    pub people: u64,
    /// Those who would come to show another colour.
    pub shifts: Vec<Shift>,
    /// How many may come to.
    pub band: Band,
}

impl Prediction {
    /// What `shifts` among `people` predict.
    #[must_use]
    pub fn of(taken_at: DateTime<Utc>, people: u64, shifts: Vec<Shift>) -> Self {
        let would_change = shifts.iter().map(|shift| shift.people).sum();
        Self {
            taken_at,
            people,
            shifts,
            band: Band::around(would_change, people),
        }
    }

    /// How many would come to show another colour.
    #[must_use]
    pub fn would_change(&self) -> u64 {
        self.shifts.iter().map(|shift| shift.people).sum()
    }
}

/// How many people may come to show another colour, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Band {
    /// The fewest.
    #[schema(minimum = 0)]
    pub low: u64,
    /// The most.
    #[schema(minimum = 0)]
    pub high: u64,
}

impl Band {
    /// The band around `would_change` of `people`: a quarter of them, or one in a thousand of
    /// everybody, or ten people, whichever is most. Days pass between a dry run and its rule.
    #[must_use]
    pub fn around(would_change: u64, people: u64) -> Self {
        let slack = (would_change / 4).max(people / 1_000).max(10);
        Self {
            low: would_change.saturating_sub(slack),
            high: would_change.saturating_add(slack),
        }
    }
}

/// How many have to approve a rule that would change `would_change` of `people`: one more where
/// that is a greater share than `per_mille`.
#[must_use]
pub fn approvals_needed(would_change: u64, people: u64, per_mille: u16) -> usize {
    let exceeds = u128::from(would_change) * 1_000 > u128::from(people) * u128::from(per_mille);
    APPROVALS + usize::from(exceeds)
}

/// Whether a rule may come into force with `approvals`.
#[must_use]
pub fn activation_allowed(
    approvals: usize,
    would_change: u64,
    people: u64,
    per_mille: u16,
) -> bool {
    approvals >= approvals_needed(would_change, people, per_mille)
}

/// What happened since a rule came into force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observation {
    /// People who came to show another colour because of it.
    pub changed: u64,
    /// Whether everybody was looked at since.
    pub complete: bool,
}

/// Whether what happened was not what was predicted. Too many is known at once, too few only when
/// everybody was looked at.
#[must_use]
pub fn outside_band(band: Band, seen: Observation) -> bool {
    seen.changed > band.high || seen.complete && seen.changed < band.low
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sea_orm::Iterable;
    use uuid::Uuid;

    use super::*;

    fn staff(number: u128) -> StaffId {
        StaffId(Uuid::from_u128(number))
    }

    #[test]
    fn no_step_leads_from_a_draft_into_force_but_through_all_of_them() {
        let whole = [
            Step::Propose,
            Step::Simulate,
            Step::Approve { approvals: 1 },
            Step::Approve { approvals: 2 },
            Step::Schedule,
            Step::Begin,
        ];
        for left_out in (0..whole.len()).filter(|step| *step != 2) {
            let mut steps = whole.to_vec();
            steps.remove(left_out);
            let led = steps
                .iter()
                .try_fold(RuleState::Draft, |state, step| after(state, *step));
            assert_ne!(led, Ok(RuleState::Active), "without {:?}", whole[left_out]);
        }
        let led = whole
            .iter()
            .try_fold(RuleState::Draft, |state, step| after(state, *step));
        assert_eq!(led, Ok(RuleState::Active));
    }

    #[test]
    fn only_a_draft_is_rewritten_and_nothing_comes_back_from_a_refusal() {
        for state in RuleState::iter() {
            assert_eq!(
                after(state, Step::Rewrite).is_ok(),
                state == RuleState::Draft
            );
        }
        for state in [RuleState::Refused, RuleState::RolledBack] {
            for step in [
                Step::Propose,
                Step::Simulate,
                Step::Schedule,
                Step::Begin,
                Step::End,
            ] {
                assert_eq!(after(state, step), Err(WrongState(state)));
            }
            assert!(after(state, Step::Approve { approvals: 9 }).is_err());
        }
    }

    #[test]
    fn an_author_approves_nothing_of_their_own_and_nobody_approves_twice() {
        let (author, first, second) = (staff(1), staff(2), staff(3));
        assert_eq!(
            may_approve(author, Some(author), &[]),
            Err(NotTheirs::Author)
        );
        assert_eq!(
            may_approve(first, Some(author), &[first]),
            Err(NotTheirs::Again)
        );
        assert_eq!(may_approve(second, Some(author), &[first]), Ok(()));
    }

    #[test]
    fn notice_is_two_days_to_the_millisecond() {
        let now = DateTime::UNIX_EPOCH;
        assert!(gives_notice(now + NOTICE, now));
        assert!(!gives_notice(
            now + NOTICE - TimeDelta::milliseconds(1),
            now
        ));
        assert!(!gives_notice(
            now + FARTHEST + TimeDelta::milliseconds(1),
            now
        ));
    }

    #[test]
    fn a_dry_run_is_stale_after_a_week_or_once_another_rule_turned() {
        let taken = DateTime::UNIX_EPOCH;
        let (moment, none) = (TimeDelta::milliseconds(1), []);
        assert!(!is_stale(taken, taken + FRESH, none));
        assert!(is_stale(taken, taken + FRESH + moment, none));
        for (turn, stale) in [
            (taken, false),
            (taken + moment, true),
            (taken + FRESH, false),
        ] {
            assert_eq!(is_stale(taken, taken + moment, [turn]), stale, "{turn}");
        }
    }

    #[test]
    fn more_than_the_share_takes_a_third_approval() {
        for (would_change, people, per_mille, needed) in [
            (0, 0, 10, 2),
            (1, 0, 10, 3),
            (10, 1_000, 10, 2),
            (11, 1_000, 10, 3),
            (1, 1_000_000, 0, 3),
            (0, 1_000_000, 0, 2),
            (u64::MAX, u64::MAX, 1_000, 2),
        ] {
            assert_eq!(approvals_needed(would_change, people, per_mille), needed);
            assert!(activation_allowed(needed, would_change, people, per_mille));
            assert!(!activation_allowed(
                needed - 1,
                would_change,
                people,
                per_mille
            ));
        }
    }

    #[test]
    fn too_many_is_known_at_once_and_too_few_when_everybody_was_looked_at() {
        let band = Band { low: 10, high: 20 };
        for (changed, complete, outside) in [
            (21, false, true),
            (20, true, false),
            (9, false, false),
            (9, true, true),
            (10, true, false),
        ] {
            assert_eq!(
                outside_band(band, Observation { changed, complete }),
                outside,
                "{changed}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_was_predicted_lies_within_its_band(would_change: u64, people: u64) {
            let band = Band::around(would_change, people);
            let seen = Observation { changed: would_change, complete: true };
            prop_assert!(!outside_band(band, seen));
        }
    }
}
