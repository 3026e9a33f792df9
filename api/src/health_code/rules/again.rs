//! Whether something was found before.

use chrono::{DateTime, Utc};

use super::{
    facts::{Facts, Finding, Held, Phase, What, conditions_met},
    view::View,
};
use crate::policy::Rule;

/// Whether `rule` has no hold for `found`, or none that counts any more.
pub(super) fn is_new(view: &View<'_>, rule: &Rule, found: &Finding) -> bool {
    let before = last(view.facts, &rule.id, &found.evidence, Phase::First);
    before.is_none_or(|held| is_void(view, held, found))
}

/// Whether what follows `first`, a hold of `rule`, was opened since that began, or still holds.
pub(super) fn was_followed(view: &View<'_>, rule: &Rule, first: &Held) -> bool {
    last(view.facts, &rule.id, &first.evidence, Phase::FollowUp).is_some_and(|held| {
        held.is_active() || held.ran_its_course() && held.starts_at >= first.starts_at
    })
}

/// The hold that the rule with the id `rule` opened last for `evidence`.
pub(super) fn last<'a>(
    facts: &'a Facts,
    rule: &str,
    evidence: &str,
    phase: Phase,
) -> Option<&'a Held> {
    let of_this =
        |held: &&Held| held.rule == rule && held.evidence == evidence && held.phase == phase;
    let order = |held: &&Held| {
        let released_at = held.released.as_ref().map(|released| released.at);
        (held.is_active(), held.starts_at, released_at, held.id.0)
    };
    facts.holds.iter().filter(of_this).max_by_key(order)
}

/// Whether `held` is over and does not stand in the way of finding `found` again: its rule ended, what
/// it was found in was taken back or corrected since, or it would not have ended by what is known now.
fn is_void(view: &View<'_>, held: &Held, found: &Finding) -> bool {
    let Some(released) = &held.released else {
        return false;
    };
    if !held.ran_its_course() {
        return true;
    }
    if released.by == conditions_met(&held.rule, &held.rule_version) {
        return lasts_longer(view, held, found, released.at) || is_refuted(view, held, released.at);
    }
    matches!(found.what, What::RiskStay { from, .. } if from > released.at)
}

/// Whether `found` says something else than it did, by which `held` would still hold after `ended_at`:
/// the same place was visited again, or isolation ended later than planned.
fn lasts_longer(view: &View<'_>, held: &Held, found: &Finding, ended_at: DateTime<Utc>) -> bool {
    let differs = held.found.as_ref().is_some_and(|then| *then != found.what);
    let has_length = view.ending(held).is_some_and(|ending| ending.has_length());
    differs && has_length && view.until(held).value.is_none_or(|until| until > ended_at)
}

/// Whether the conditions by which `held` ended at `ended_at` were not met then, by what is known now:
/// what met them was taken back or corrected. That time passed since alters nothing.
fn is_refuted(view: &View<'_>, held: &Held, ended_at: DateTime<Utc>) -> bool {
    view.ending(held).is_some_and(|ending| {
        view.ask_about_at(held, ended_at, |env| {
            let mut conditions = ending.conditions.iter();
            conditions.any(|condition| !condition.met.holds(env).value)
        })
    })
}

/// Until when `held` stands for whatever else its rule finds, if that can be told: as long as it lasts
/// by what is known now. One that its rule released lasted no longer than it did.
pub(super) fn covers_until(view: &View<'_>, held: &Held) -> Option<DateTime<Utc>> {
    let until = view.until(held).value?;
    match &held.released {
        Some(_) if !held.ran_its_course() => None,
        Some(released) if released.by == conditions_met(&held.rule, &held.rule_version) => {
            Some(until.min(released.at))
        }
        None | Some(_) => Some(until),
    }
}
