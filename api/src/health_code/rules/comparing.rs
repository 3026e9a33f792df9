//! Which holds the facts open and release.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use entity::values::{HoldId, ReasonCode};
use uuid::Uuid;

use super::{
    again::{covers_until, is_new, was_followed},
    ending::{Ending, Standing, rule_of, standing},
    facts::{Facts, Finding, Held, Phase, Released, What, conditions_met, rule_ended},
    view::View,
};
use crate::policy::{Effect, Env, Policy, Rule};

/// A hold to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHold {
    /// The hold itself, or what follows one.
    pub phase: Phase,
    /// The cause.
    pub reason: ReasonCode,
    /// The rule that found it.
    pub rule: String,
    /// That rule's version.
    pub rule_version: String,
    /// What it was found in: a table's name and a row's id.
    pub evidence: String,
    /// The same as it is now.
    pub found: Option<What>,
    /// The region whose data it comes from.
    pub source_region: String,
    /// The earliest release, where the rule sets a length.
    pub until: Option<DateTime<Utc>>,
}

/// What the facts ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A cause begins to hold.
    Open(NewHold),
    /// A cause ceases to hold.
    Release {
        /// Which.
        hold: HoldId,
        /// What released it.
        by: String,
    },
}

/// How often facts are compared, at the most, until they ask for nothing more: what is found may be
/// over already, followed by what may be over, too.
const MOST_ROUNDS: usize = 8;

/// Which holds `facts` open and release at `now`, by `policy`.
///
/// Where the region is not open nothing is found against anybody; what was found before ends, and is
/// followed, as elsewhere. Applying the changes and comparing again soon asks for nothing more: see
/// [`settle`].
#[must_use]
pub fn compare(facts: &Facts, policy: &Policy, now: DateTime<Utc>) -> Vec<Change> {
    let view = View::new(facts, policy, now);
    let mut changes: Vec<Change> = view
        .active()
        .filter_map(|held| Some((held, released_by(&view, held)?)))
        .flat_map(|(held, by)| release(&view, held, by))
        .collect();
    if facts.opened.is_open(now) {
        changes.extend(openings(&view).into_iter().map(Change::Open));
    }
    changes
}

/// Apply what `facts` ask for at `now`, by `policy`, until they ask for nothing more. Returns the
/// changes in their order, each with the hold that it opens or releases, of which `next_id` names the
/// new ones.
pub fn settle(
    facts: &mut Facts,
    policy: &Policy,
    now: DateTime<Utc>,
    mut next_id: impl FnMut() -> HoldId,
) -> Vec<(HoldId, Change)> {
    let mut settled = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let changes = compare(facts, policy, now);
        if changes.is_empty() {
            break;
        }
        for change in changes {
            let id = match &change {
                Change::Open(_) => next_id(),
                Change::Release { hold, .. } => *hold,
            };
            facts.apply(&change, id, now);
            settled.push((id, change));
        }
    }
    settled
}

/// What releases `held`, if something does.
fn released_by(view: &View<'_>, held: &Held) -> Option<String> {
    if is_taken_back(view, held) {
        return Some(held.evidence.clone());
    }
    match standing(view.policy, held) {
        Standing::Ended => return Some(rule_ended(&held.rule, &held.rule_version)),
        Standing::Applies(rule) if is_corrected(view, held, rule) => {
            return Some(held.evidence.clone());
        }
        Standing::Applies(_) if view.ends(held).value => {
            return Some(conditions_met(&held.rule, &held.rule_version));
        }
        Standing::Applies(_) | Standing::Unknown => (),
    }
    view.rules()
        .find_map(|rule| released_by_rule(view, held, rule))
}

/// Whether what `held` was found in was taken back.
fn is_taken_back(view: &View<'_>, held: &Held) -> bool {
    let mut named = view
        .facts
        .findings
        .iter()
        .filter(|found| found.evidence == held.evidence && found.is_known(view.now));
    named.clone().next().is_some() && named.all(|found| found.is_withdrawn(view.now))
}

/// Whether what `held` was found in says something else now that its rule would not have found.
fn is_corrected(view: &View<'_>, held: &Held, rule: &Rule) -> bool {
    let Some((then, found)) = held.found.as_ref().zip(view.found_in(held)) else {
        return false;
    };
    then != found
        && view.would_find(&rule.when, then, held.starts_at)
        && !view.would_find(&rule.when, found, held.starts_at)
}

/// What `rule` releases `held` for, if it releases holds and this one. What was pushed is for its
/// origin alone to take back.
fn released_by_rule(view: &View<'_>, held: &Held, rule: &Rule) -> Option<String> {
    let Effect::Release { reasons, before } = &rule.effect else {
        return None;
    };
    if !reasons.contains(&held.reason) || view.is_pushed(held) {
        return None;
    }
    let releases = |env: &Env<'_>| {
        let before = before.time(env).value;
        rule.when.holds(env).value && before.is_some_and(|before| held.starts_at < before)
    };
    let asked_about = view.record_of(held);
    let mut found: Vec<&Finding> = view
        .subjects_with(rule.about, Some(&asked_about))
        .filter(|(_, env)| releases(env))
        .filter_map(|(found, _)| found)
        .collect();
    found.sort_unstable_by_key(|found| (found.what.at(), &found.evidence));
    found.first().map(|found| found.evidence.clone())
}

/// Release `held`, and open what follows it unless that is over, or what it was found in is gone.
fn release(view: &View<'_>, held: &Held, by: String) -> Vec<Change> {
    let released = Held {
        released: Some(Released {
            at: view.now,
            by: by.clone(),
        }),
        until: view.until(held).value,
        ..held.clone()
    };
    let followed = released
        .ran_its_course()
        .then(|| follow_up(view, &released))
        .flatten();
    let release = Change::Release { hold: held.id, by };
    [release]
        .into_iter()
        .chain(followed.map(Change::Open))
        .collect()
}

fn follow_up(view: &View<'_>, first: &Held) -> Option<NewHold> {
    let rule = rule_of(view.policy, first)?;
    let Effect::Hold {
        follow_up: Some(follow_up),
        ..
    } = &rule.effect
    else {
        return None;
    };
    if first.phase != Phase::First || was_followed(view, rule, first) {
        return None;
    }
    let ending = Ending::of(rule, Phase::FollowUp)?;
    let until = view
        .ask_about(first, first.until, |env| ending.until(env))
        .value;
    let is_over = until.is_some_and(|until| until <= view.now);
    (!is_over).then(|| NewHold {
        phase: Phase::FollowUp,
        reason: follow_up.reason,
        rule: first.rule.clone(),
        rule_version: first.rule_version.clone(),
        evidence: first.evidence.clone(),
        found: first.found.clone(),
        source_region: first.source_region.clone(),
        until,
    })
}

/// What the rules in force find that they have not found before. What lasts longest comes first:
/// whatever would be over by then adds nothing to it.
fn openings(view: &View<'_>) -> Vec<NewHold> {
    let mut found: Vec<NewHold> = view.rules().flat_map(|rule| finds(view, rule)).collect();
    found.sort_by(|one, other| {
        let order = |new: &NewHold| (new.rule.clone(), Reverse(new.until), new.evidence.clone());
        order(one).cmp(&order(other))
    });
    let mut opened: Vec<NewHold> = Vec::new();
    for new in found {
        if !is_covered(view, &opened, &new) {
            opened.push(new);
        }
    }
    opened
}

fn finds(view: &View<'_>, rule: &Rule) -> Vec<NewHold> {
    let Effect::Hold { reason, .. } = &rule.effect else {
        return Vec::new();
    };
    view.subjects(rule.about)
        .filter_map(|(found, env)| Some((found?, env)))
        .filter(|(found, env)| is_new(view, rule, found) && rule.when.holds(env).value)
        .map(|(found, _)| new_hold(view, rule, *reason, found))
        .collect()
}

fn new_hold(view: &View<'_>, rule: &Rule, reason: ReasonCode, found: &Finding) -> NewHold {
    let province = &view.facts.province;
    let mut new = NewHold {
        phase: Phase::First,
        reason,
        rule: rule.id.clone(),
        rule_version: rule.version.to_string(),
        evidence: found.evidence.clone(),
        found: Some(found.what.clone()),
        source_region: found.origin.as_ref().unwrap_or(province).code().to_owned(),
        until: None,
    };
    new.until = view.until(&new.opened(HoldId(Uuid::nil()), view.now)).value;
    new
}

/// Whether `new` adds nothing to what its rule has found: a record to one that says the same, or
/// something that ends no later than what was found before and has had its effect.
fn is_covered(view: &View<'_>, opened: &[NewHold], new: &NewHold) -> bool {
    let of_this = |held: &&Held| held.rule == new.rule && held.phase == Phase::First;
    let mut before = view.facts.holds.iter().filter(of_this);
    if let Some(What::Record { .. }) = new.found {
        return before.any(Held::is_active);
    }
    let lasts = |until: Option<DateTime<Utc>>| new.until.is_some() && until >= new.until;
    // What was found in the same and counts no more is found anew.
    before
        .filter(|held| held.is_active() || held.evidence != new.evidence)
        .any(|held| lasts(covers_until(view, held)))
        || opened
            .iter()
            .any(|other| other.rule == new.rule && lasts(other.until))
}

impl NewHold {
    /// The hold that this becomes as `id` at `now`.
    fn opened(&self, id: HoldId, now: DateTime<Utc>) -> Held {
        Held {
            id,
            phase: self.phase,
            reason: self.reason,
            rule: self.rule.clone(),
            rule_version: self.rule_version.clone(),
            evidence: self.evidence.clone(),
            found: self.found.clone(),
            source_region: self.source_region.clone(),
            starts_at: now,
            until: self.until,
            released: None,
        }
    }
}

impl Facts {
    /// Apply `change`, which opens or releases the hold `id`, at `now`.
    fn apply(&mut self, change: &Change, id: HoldId, now: DateTime<Utc>) {
        match change {
            Change::Open(new) => self.holds.push(new.opened(id, now)),
            Change::Release { by, .. } => {
                let held = self.holds.iter_mut().find(|held| held.id == id);
                if let Some(held) = held {
                    held.released = Some(Released {
                        at: now,
                        by: by.clone(),
                    });
                }
            }
        }
    }
}
