//! Facts as rules see them at an instant.

use chrono::{DateTime, Utc};

use super::{
    again::last,
    ending::{Ending, rule_of},
    facts::{Facts, Finding, Held, Phase, What},
    records,
};
use crate::policy::{About, Env, Evaluated, Logic, Policy, Record, Rule};

/// What counts at an instant.
pub(super) struct View<'a> {
    pub(super) facts: &'a Facts,
    pub(super) policy: &'a Policy,
    pub(super) now: DateTime<Utc>,
    person: Record,
    /// What was found and stands, with what rules may ask about it.
    standing: Vec<(&'a Finding, Record)>,
}

impl<'a> View<'a> {
    pub(super) fn new(facts: &'a Facts, policy: &'a Policy, now: DateTime<Utc>) -> Self {
        let standing = facts.findings.iter().filter(|found| found.stands(now));
        Self {
            facts,
            policy,
            now,
            person: records::person(facts, now),
            standing: standing
                .map(|found| (found, records::fact(&found.what)))
                .collect(),
        }
    }

    /// The rules in force that apply where the person lives.
    pub(super) fn rules(&self) -> impl Iterator<Item = &'a Rule> {
        let home = self.facts.division.as_ref();
        let rules = self.policy.rules.iter().map(AsRef::as_ref);
        rules.filter(move |rule: &&Rule| rule.applies_in(home))
    }

    /// What a rule about `about` is asked about, one after the other: once for a rule about the
    /// person as such.
    pub(super) fn subjects(
        &self,
        about: About,
    ) -> impl Iterator<Item = (Option<&'a Finding>, Env<'_>)> {
        self.subjects_with(about, None)
    }

    /// The same, with the hold that is asked about as well.
    pub(super) fn subjects_with<'e>(
        &'e self,
        about: About,
        hold: Option<&'e Record>,
    ) -> impl Iterator<Item = (Option<&'a Finding>, Env<'e>)> {
        let facts = self
            .standing
            .iter()
            .filter(move |(found, _)| records::about(&found.what) == about)
            .map(move |(found, record)| (Some(*found), self.env(Some(record), hold)));
        let person = (about == About::Person).then(|| (None, self.env(None, hold)));
        person.into_iter().chain(facts)
    }

    /// What rules may ask about `held` itself.
    pub(super) fn record_of(&self, held: &Held) -> Record {
        records::hold(held, self.until(held).value)
    }

    /// The holds that still hold.
    pub(super) fn active(&self) -> impl Iterator<Item = &'a Held> {
        self.facts.holds.iter().filter(|held| held.is_active())
    }

    /// What `held` was found in, as far as it stands.
    pub(super) fn found_in(&self, held: &Held) -> Option<&'a What> {
        let about = match rule_of(self.policy, held) {
            Some(rule) => rule.about,
            None => records::about(held.found.as_ref()?),
        };
        self.standing
            .iter()
            .map(|(found, _)| *found)
            .filter(|found| found.evidence == held.evidence)
            .map(|found| &found.what)
            .find(|what| records::about(what) == about)
    }

    /// Whether `held` was found in what another region or the national platform pushed.
    pub(super) fn is_pushed(&self, held: &Held) -> bool {
        let named = self.facts.findings.iter();
        let mut found = named
            .filter(|found| found.evidence == held.evidence)
            .map(|found| &found.what)
            .chain(&held.found);
        found.any(|what| matches!(what, What::Push { .. }))
    }

    /// The earliest release of `held`, by what is known now.
    pub(super) fn until(&self, held: &Held) -> Evaluated<Option<DateTime<Utc>>> {
        let Some(ending) = self.ending(held) else {
            return Evaluated {
                value: held.until,
                changes_at: None,
            };
        };
        self.ask_about(held, None, |env| ending.until(env))
    }

    /// Whether `held` ends by its rule, and when time alone may end it.
    pub(super) fn ends(&self, held: &Held) -> Evaluated<bool> {
        let Some(ending) = self.ending(held) else {
            return Evaluated {
                value: false,
                changes_at: None,
            };
        };
        let until = self.until(held).value;
        self.ask_about(held, until, |env| ending.is_reached(env))
    }

    /// Ask about `held`, which is released at the earliest at `until`, and what it was found in. What
    /// follows another hold is asked about that one.
    pub(super) fn ask_about<T>(
        &self,
        held: &Held,
        until: Option<DateTime<Utc>>,
        ask: impl FnOnce(&Env<'_>) -> T,
    ) -> T {
        self.ask(held, until, self.now, ask)
    }

    /// Ask the same at `at`, by what is known now.
    pub(super) fn ask_about_at<T>(
        &self,
        held: &Held,
        at: DateTime<Utc>,
        ask: impl FnOnce(&Env<'_>) -> T,
    ) -> T {
        self.ask(held, self.until(held).value, at, ask)
    }

    fn ask<T>(
        &self,
        held: &Held,
        until: Option<DateTime<Utc>>,
        at: DateTime<Utc>,
        ask: impl FnOnce(&Env<'_>) -> T,
    ) -> T {
        let asked_about = match self.followed_by(held) {
            Some(first) => records::hold(first, first.until),
            None => records::hold(held, until),
        };
        let fact = self.found_in(held).or(held.found.as_ref());
        let fact = fact.map(records::fact);
        ask(&Env {
            now: at,
            ..self.env(fact.as_ref(), Some(&asked_about))
        })
    }

    /// The hold that `held` follows, if it follows one.
    fn followed_by(&self, held: &Held) -> Option<&'a Held> {
        (held.phase == Phase::FollowUp)
            .then(|| last(self.facts, &held.rule, &held.evidence, Phase::First))
            .flatten()
    }

    /// Whether `logic` would have been satisfied by `what` at `at`.
    pub(super) fn would_find(&self, logic: &Logic, what: &What, at: DateTime<Utc>) -> bool {
        let fact = records::fact(what);
        let env = Env {
            now: at,
            ..self.env(Some(&fact), None)
        };
        logic.holds(&env).value
    }

    /// How `held` ends, by the rule that it was opened under.
    pub(super) fn ending(&self, held: &Held) -> Option<Ending<'a>> {
        Ending::of(rule_of(self.policy, held)?, held.phase)
    }

    fn env<'e>(&'e self, fact: Option<&'e Record>, hold: Option<&'e Record>) -> Env<'e> {
        Env {
            person: &self.person,
            fact,
            hold,
            now: self.now,
        }
    }
}
