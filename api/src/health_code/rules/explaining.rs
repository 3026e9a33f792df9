//! What a reason means, what to do about it, and what is missing for it to end (H8, H10).

use chrono::{DateTime, Utc};

use super::{
    deciding::Reason,
    ending::rule_of,
    facts::{Facts, Held, Phase},
    view::View,
};
use crate::policy::{Condition, Effect, Env, Policy, Progress, Rule, Wording};

/// A reason, explained by the rule that found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The reason.
    pub reason: Reason,
    /// What the rule says about it. None for what is built in, and for a hold whose rule is gone.
    pub words: Option<Words>,
    /// What must be met for it to end, besides the end of its length.
    pub conditions: Vec<Needed>,
}

/// What a rule says about what it finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// What it found.
    pub text: Wording,
    /// What to do now.
    pub advice: Wording,
    /// Whom to call.
    pub contact: Wording,
}

/// A condition, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needed {
    /// What is needed, in words.
    pub text: Wording,
    /// Whether it is met.
    pub met: bool,
    /// How far it got, where that can be counted.
    pub progress: Option<Progress>,
    /// When it can be met at the earliest, where that can be told.
    pub until: Option<DateTime<Utc>>,
}

/// Explain `reasons`, which [`decide`](super::decide) found in `facts` at `now`.
#[must_use]
pub fn explain(
    facts: &Facts,
    policy: &Policy,
    reasons: Vec<Reason>,
    now: DateTime<Utc>,
) -> Vec<Explained> {
    let view = View::new(facts, policy, now);
    reasons
        .into_iter()
        .map(|reason| match held_by(facts, &reason) {
            Some(held) => of_hold(&view, held, reason),
            None => Explained {
                words: policy
                    .rules
                    .iter()
                    .find(|rule| rule.id == reason.rule)
                    .map(|rule| words(rule)),
                conditions: Vec::new(),
                reason,
            },
        })
        .collect()
}

fn held_by<'a>(facts: &'a Facts, reason: &Reason) -> Option<&'a Held> {
    let id = reason.hold?;
    facts.holds.iter().find(|held| held.id == id)
}

fn of_hold(view: &View<'_>, held: &Held, reason: Reason) -> Explained {
    let until = view.until(held).value;
    let conditions = view
        .ending(held)
        .map_or(&[][..], |ending| ending.conditions);
    let stand = |env: &Env<'_>| {
        let stands = |condition: &Condition| Needed {
            text: condition.text.clone(),
            met: condition.met.holds(env).value,
            progress: condition.met.progress(env),
            until: condition.until.as_ref().and_then(|at| at.time(env).value),
        };
        conditions.iter().map(stands).collect()
    };
    Explained {
        conditions: view.ask_about(held, until, stand),
        words: rule_of(view.policy, held).map(|rule| words_in(rule, held.phase)),
        reason,
    }
}

fn words(rule: &Rule) -> Words {
    Words {
        text: rule.text.clone(),
        advice: rule.advice.clone(),
        contact: rule.contact.clone(),
    }
}

fn words_in(rule: &Rule, phase: Phase) -> Words {
    match (phase, &rule.effect) {
        (
            Phase::FollowUp,
            Effect::Hold {
                follow_up: Some(follow_up),
                ..
            },
        ) => Words {
            text: follow_up.text.clone(),
            advice: follow_up.advice.clone(),
            contact: rule.contact.clone(),
        },
        _ => words(rule),
    }
}
