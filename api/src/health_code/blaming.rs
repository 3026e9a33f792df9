//! Which rules a change of colour comes from.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use entity::values::{Colour, HoldId};
use uuid::Uuid;

use super::rules::{self, Facts};
use crate::policy::{Policy, Rule};

/// How long a rule that came into force is held against its dry run.
const WATCHED: TimeDelta = TimeDelta::days(7);

/// The rules of `policy` that came into force a short while ago.
pub(super) fn young(policy: &Policy, now: DateTime<Utc>) -> Vec<&Arc<Rule>> {
    let is_young = |rule: &&Arc<Rule>| rule.valid_from.is_some_and(|from| from > now - WATCHED);
    policy.rules.iter().filter(is_young).collect()
}

/// Those of the young rules of `policy` without which somebody of whom `facts` were on record would not
/// show `colour` at `now`: with the version before them, or with none, they would show another.
pub(super) fn causes<'p>(
    facts: &Facts,
    policy: &'p Policy,
    colour: Colour,
    now: DateTime<Utc>,
) -> Vec<&'p Arc<Rule>> {
    let decides = |rule: &&Arc<Rule>| would_show(facts, &policy.without(rule), now) != colour;
    young(policy, now).into_iter().filter(decides).collect()
}

/// What somebody of whom `facts` are on record would show at `now` by `policy`.
pub(super) fn would_show(facts: &Facts, policy: &Policy, now: DateTime<Utc>) -> Colour {
    let mut facts = facts.clone();
    let mut opened = 0_u128;
    rules::settle(&mut facts, policy, now, || {
        opened += 1;
        HoldId(Uuid::from_u128(opened))
    });
    rules::decide(&facts, policy, now).colour
}
