//! Whether something that is on record still makes a difference.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::values::{HoldId, ReasonCode};
use uuid::Uuid;

use super::{
    comparing::{Change, settle},
    deciding::{Reason, decide},
    facts::{Facts, Held, What},
};
use crate::policy::Policy;

/// How often time alone may change what somebody shows before nobody looks further.
const MOST_TURNS: usize = 32;

/// Whether somebody of whom no more than `rest` is on record shows the same as with all of `facts`, for the same
/// reasons and with the same holds opened and released: at `now`, and for as long as nothing but time changes it.
#[must_use]
pub fn shows_the_same(facts: &Facts, rest: &Facts, policy: &Policy, now: DateTime<Utc>) -> bool {
    let (mut with, mut without) = (Course::of(facts), Course::of(rest));
    let mut at = now;
    for _ in 0..MOST_TURNS {
        let (one, other) = (with.turn(policy, at), without.turn(policy, at));
        if one.shown != other.shown || one.changes != other.changes {
            return false;
        }
        let Some(next) = one.next.into_iter().chain(other.next).min() else {
            return true;
        };
        at = next;
    }
    true
}

/// Since when what happened may still matter to a hold of `facts` that has not ended. None while nothing holds.
#[must_use]
pub fn held_since(facts: &Facts) -> Option<DateTime<Utc>> {
    let active = facts.holds.iter().filter(|held| held.is_active());
    let since = |held: &Held| {
        let found = held.found.as_ref().map_or(held.starts_at, What::at);
        found.min(held.starts_at)
    };
    active.map(since).min()
}

/// What the holds of `facts` that have not ended were found in.
#[must_use]
pub fn held_in(facts: &Facts) -> BTreeSet<&str> {
    let active = facts.holds.iter().filter(|held| held.is_active());
    active.map(|held| held.evidence.as_str()).collect()
}

/// What becomes of somebody as time goes by.
struct Course {
    facts: Facts,
    opened: u128,
}

/// What somebody comes to show at one instant.
struct Turn {
    shown: Vec<Shown>,
    changes: Vec<(HoldId, Change)>,
    next: Option<DateTime<Utc>>,
}

/// A reason, but for when it began and what its facts say now.
#[derive(PartialEq, Eq)]
struct Shown {
    code: ReasonCode,
    rule: String,
    rule_version: String,
    hold: Option<HoldId>,
    evidence: Option<String>,
    source_region: String,
    until: Option<DateTime<Utc>>,
}

impl Course {
    fn of(facts: &Facts) -> Self {
        Self {
            facts: facts.clone(),
            opened: 0,
        }
    }

    /// Open and release what the facts ask for at `at`, and see what is shown then.
    fn turn(&mut self, policy: &Policy, at: DateTime<Utc>) -> Turn {
        let opened = &mut self.opened;
        let changes = settle(&mut self.facts, policy, at, || {
            *opened += 1;
            HoldId(Uuid::from_u128(*opened))
        });
        let verdict = decide(&self.facts, policy, at);
        Turn {
            shown: verdict.reasons.into_iter().map(Shown::of).collect(),
            changes,
            next: verdict.next_change_at,
        }
    }
}

impl Shown {
    fn of(reason: Reason) -> Self {
        Self {
            code: reason.code,
            rule: reason.rule,
            rule_version: reason.rule_version,
            hold: reason.hold,
            evidence: reason.evidence,
            source_region: reason.source_region,
            until: reason.until,
        }
    }
}
