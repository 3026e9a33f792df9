//! How the holds of a rule end.

use chrono::{DateTime, Utc};

use super::facts::{Held, Phase};
use crate::policy::{Condition, Effect, Env, Evaluated, Logic, Policy, Rule};

/// What became of a rule that a hold was opened under.
#[derive(Debug, Clone, Copy)]
pub(super) enum Standing<'a> {
    /// It says when the hold ends.
    Applies(&'a Rule),
    /// It was retired or rolled back, so the hold ends.
    Ended,
    /// Nobody asked. The hold stays.
    Unknown,
}

/// What became of the rule that `held` was opened under, by `policy`.
pub(super) fn standing<'a>(policy: &'a Policy, held: &Held) -> Standing<'a> {
    let current = policy
        .rules
        .iter()
        .find(|rule| rule.id == held.rule && rule.version.to_string() == held.rule_version);
    if let Some(rule) = current {
        return Standing::Applies(rule);
    }
    let key = (held.rule.clone(), held.rule_version.clone());
    match policy.before.get(&key) {
        Some(Some(rule)) => Standing::Applies(rule),
        Some(None) => Standing::Ended,
        None => Standing::Unknown,
    }
}

/// The rule that says when `held` ends, if one does.
pub(super) fn rule_of<'a>(policy: &'a Policy, held: &Held) -> Option<&'a Rule> {
    match standing(policy, held) {
        Standing::Applies(rule) => Some(rule),
        Standing::Ended | Standing::Unknown => None,
    }
}

/// What ends a hold in one of its phases.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ending<'a> {
    until: Option<&'a Logic>,
    pub(super) conditions: &'a [Condition],
}

impl<'a> Ending<'a> {
    /// What `rule` says of its holds in `phase`. None if it opens none such.
    pub(super) fn of(rule: &'a Rule, phase: Phase) -> Option<Self> {
        let Effect::Hold {
            until,
            release,
            follow_up,
            ..
        } = &rule.effect
        else {
            return None;
        };
        match phase {
            Phase::First => Some(Self {
                until: until.as_ref(),
                conditions: release,
            }),
            Phase::FollowUp => follow_up.as_ref().map(|follow_up| Self {
                until: Some(&follow_up.until),
                conditions: &follow_up.release,
            }),
        }
    }

    /// Whether there is an earliest release, told or not.
    pub(super) fn has_length(&self) -> bool {
        self.until.is_some()
    }

    /// The earliest release, where there is one and it can be told.
    pub(super) fn until(&self, env: &Env<'_>) -> Evaluated<Option<DateTime<Utc>>> {
        let never = Evaluated {
            value: None,
            changes_at: None,
        };
        self.until.map_or(never, |until| until.time(env))
    }

    /// Whether the hold ends, and when time alone may end it. With neither length nor conditions only
    /// what takes its evidence back does.
    pub(super) fn is_reached(&self, env: &Env<'_>) -> Evaluated<bool> {
        let until = self.until(env);
        let waits = match (self.until, until.value) {
            (Some(_), None) => true,
            (Some(_), Some(at)) => at > env.now,
            (None, _) => false,
        };
        if waits {
            return Evaluated {
                value: false,
                changes_at: earlier(until.value, until.changes_at),
            };
        }
        let found: Vec<Evaluated<bool>> = self
            .conditions
            .iter()
            .map(|condition| condition.met.holds(env))
            .collect();
        let unmet = || found.iter().filter(|condition| !condition.value);
        // Each of these must come true, so the last of them is the first chance.
        let chance = unmet().try_fold(DateTime::<Utc>::MIN_UTC, |latest, condition| {
            condition.changes_at.map(|at| latest.max(at))
        });
        let ends = unmet().next().is_none() && (self.until.is_some() || !found.is_empty());
        Evaluated {
            value: ends,
            changes_at: earlier(until.changes_at, chance.filter(|at| *at > env.now)),
        }
    }
}

/// The earlier of two instants that may never come.
pub(super) fn earlier(
    one: Option<DateTime<Utc>>,
    other: Option<DateTime<Utc>>,
) -> Option<DateTime<Utc>> {
    one.into_iter().chain(other).min()
}
