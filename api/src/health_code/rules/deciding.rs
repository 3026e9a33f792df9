//! What a person shows, and every reason for it.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use entity::values::{Colour, HoldId, ReasonCode};

use super::{
    again::is_new,
    ending::earlier,
    facts::{Facts, Held, Noted, What},
    view::View,
};
use crate::policy::{Condition, Effect, Env, Logic, Policy, Rule, Wording};

/// Nothing to decide from yet.
pub const UNDECIDED: &str = "code.undecided";

/// The region where the person lives does not show colours.
pub const NOT_OPEN: &str = "region.not-open";

/// The version of what is built in and not the policy's to say.
const BUILT_IN: &str = "1.0.0";

/// Why a code shows what it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The cause.
    pub code: ReasonCode,
    /// The rule that found it.
    pub rule: String,
    /// The rule's version.
    pub rule_version: String,
    /// The hold, if it is one.
    pub hold: Option<HoldId>,
    /// What it was found in, if that is one thing.
    pub evidence: Option<String>,
    /// The same as it is known now.
    pub found: Option<What>,
    /// The region whose data it comes from.
    pub source_region: String,
    /// Since when.
    pub since: Option<DateTime<Utc>>,
    /// The earliest end, where the rule sets a length.
    pub until: Option<DateTime<Utc>>,
}

/// What a person shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The worst of the reasons; green without any.
    pub colour: Colour,
    /// Every reason, worst first.
    pub reasons: Vec<Reason>,
    /// When time alone may change the verdict, or what the facts ask for. Not before.
    pub next_change_at: Option<DateTime<Utc>>,
}

/// What is missing for a hold to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What is needed, in words.
    pub text: Wording,
    /// When it can be met at the earliest, where that can be told.
    pub until: Option<DateTime<Utc>>,
}

/// Decide what a person shows at `now`, and every reason for it.
///
/// The worst reason sets the colour; no reason means green. Where the region is not open nobody is
/// green, and what held before still shows. Adding a hold never makes the colour better, releasing
/// one never makes it worse.
#[must_use]
pub fn decide(facts: &Facts, policy: &Policy, now: DateTime<Utc>) -> Verdict {
    let view = View::new(facts, policy, now);
    let open = facts.opened.is_open(now);
    let mut reasons: Vec<Reason> = view.active().map(|held| of_hold(&view, held)).collect();
    if !open {
        reasons.push(Reason {
            until: facts.opened.from.filter(|from| *from > now),
            ..built_in(&view, NOT_OPEN)
        });
    }
    let undecided = !facts.verified || open && !facts.compared;
    if undecided {
        reasons.push(built_in(&view, UNDECIDED));
    } else if open {
        reasons.extend(view.rules().filter_map(|rule| shown(&view, rule)));
    }
    reasons.sort_by_key(order);

    let ends = view.active().filter_map(|held| end_of(&view, held));
    let found = view
        .rules()
        .filter(|_| open)
        .filter_map(|rule| turn_of(&view, rule, undecided));
    let releases = view.rules().filter_map(|rule| turn_of_release(&view, rule));
    let times = ends.chain(found).chain(releases).chain(of_itself(facts));
    Verdict {
        colour: reasons
            .first()
            .map_or(Colour::Green, |worst| worst.code.colour()),
        next_change_at: times.filter(|at| *at > now).min(),
        reasons,
    }
}

/// What is missing at `now` for each hold to end, besides the end of its length.
#[must_use]
pub fn missing(facts: &Facts, policy: &Policy, now: DateTime<Utc>) -> Vec<(HoldId, Vec<Missing>)> {
    let view = View::new(facts, policy, now);
    let of_hold = |held: &Held| (held.id, missing_for(&view, held));
    view.active().map(of_hold).collect()
}

fn missing_for(view: &View<'_>, held: &Held) -> Vec<Missing> {
    let Some(ending) = view.ending(held) else {
        return Vec::new();
    };
    let until = view.until(held).value;
    let unmet = |env: &Env<'_>| {
        let unmet = |condition: &&Condition| !condition.met.holds(env).value;
        let missing = |condition: &Condition| Missing {
            text: condition.text.clone(),
            until: condition.until.as_ref().and_then(|at| at.time(env).value),
        };
        ending
            .conditions
            .iter()
            .filter(unmet)
            .map(missing)
            .collect()
    };
    view.ask_about(held, until, unmet)
}

/// Worst first; among equals in an order that nothing but they decide.
fn order(reason: &Reason) -> impl Ord + use<> {
    (
        Reverse(reason.code.colour()),
        reason.code,
        reason.since,
        reason.rule.clone(),
        reason.evidence.clone(),
    )
}

fn of_hold(view: &View<'_>, held: &Held) -> Reason {
    let known = view.found_in(held);
    Reason {
        code: held.reason,
        rule: held.rule.clone(),
        rule_version: held.rule_version.clone(),
        hold: Some(held.id),
        evidence: Some(held.evidence.clone()),
        found: known.or(held.found.as_ref()).cloned(),
        source_region: held.source_region.clone(),
        since: Some(held.starts_at),
        until: view.until(held).value,
    }
}

fn built_in(view: &View<'_>, rule: &str) -> Reason {
    Reason {
        code: ReasonCode::G00,
        rule: rule.into(),
        rule_version: BUILT_IN.into(),
        hold: None,
        evidence: None,
        found: None,
        source_region: view.facts.province.code().to_owned(),
        since: None,
        until: None,
    }
}

/// The reason that `rule` shows, if it shows one: of several facts the one that happened first.
fn shown(view: &View<'_>, rule: &Rule) -> Option<Reason> {
    let Effect::Show {
        reason,
        since,
        until,
    } = &rule.effect
    else {
        return None;
    };
    let when_of = |logic: &Option<Logic>, env: &Env<'_>| logic.as_ref()?.time(env).value;
    let reasons = view
        .subjects(rule.about)
        .filter(|(_, env)| rule.when.holds(env).value)
        .map(|(found, env)| Reason {
            code: *reason,
            rule_version: rule.version.to_string(),
            evidence: found.map(|found| found.evidence.clone()),
            found: found.map(|found| found.what.clone()),
            source_region: found
                .and_then(|found| found.origin.as_ref())
                .unwrap_or(&view.facts.province)
                .code()
                .to_owned(),
            since: when_of(since, &env),
            until: when_of(until, &env),
            ..built_in(view, &rule.id)
        });
    reasons.min_by(|one, other| order(one).cmp(&order(other)))
}

/// When time alone may end `held` or alter its length.
fn end_of(view: &View<'_>, held: &Held) -> Option<DateTime<Utc>> {
    earlier(view.ends(held).changes_at, view.until(held).changes_at)
}

/// When time alone may make `rule` find something, or show something else.
fn turn_of(view: &View<'_>, rule: &Rule, undecided: bool) -> Option<DateTime<Utc>> {
    match &rule.effect {
        Effect::Hold { .. } => view
            .subjects(rule.about)
            .filter(|(found, _)| found.is_some_and(|found| is_new(view, rule, found)))
            .filter_map(|(_, env)| rule.when.holds(&env).changes_at)
            .min(),
        Effect::Show { since, until, .. } if !undecided => view
            .subjects(rule.about)
            .flat_map(|(_, env)| {
                let of = |logic: &Option<Logic>| logic.as_ref()?.time(&env).changes_at;
                [rule.when.holds(&env).changes_at, of(since), of(until)]
            })
            .flatten()
            .min(),
        Effect::Show { .. } | Effect::Release { .. } => None,
    }
}

/// When time alone may make `rule` release a hold.
fn turn_of_release(view: &View<'_>, rule: &Rule) -> Option<DateTime<Utc>> {
    let Effect::Release { reasons, before } = &rule.effect else {
        return None;
    };
    let released = |held: &Held| reasons.contains(&held.reason) && !view.is_pushed(held);
    let turn = |held: &Held| {
        let asked_about = view.record_of(held);
        view.subjects_with(rule.about, Some(&asked_about))
            .filter_map(|(_, env)| {
                let when = rule.when.holds(&env).changes_at;
                earlier(when, before.time(&env).changes_at)
            })
            .min()
    };
    view.active()
        .filter(|held| released(held))
        .filter_map(turn)
        .min()
}

/// When the region opens or closes, and when what a clock that was set back has yet to reach was
/// recorded.
fn of_itself(facts: &Facts) -> impl Iterator<Item = DateTime<Utc>> {
    let openings = [facts.opened.from, facts.opened.until]
        .into_iter()
        .flatten();
    let findings = facts.findings.iter();
    let recorded = findings.flat_map(|found| [Some(found.recorded_at), found.withdrawn_at]);
    let noted = facts.recoveries.iter().chain(&facts.exclusions);
    openings
        .chain(recorded.flatten())
        .chain(noted.map(|Noted { recorded_at, .. }| *recorded_at))
}
