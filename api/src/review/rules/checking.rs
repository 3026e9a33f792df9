//! What can be wrong with a workflow.

use std::collections::{BTreeMap, BTreeSet};

use entity::values::{CaseAction, CaseOutcome, Role};

use super::workflow::{
    ActionRule, Begin, ClockRule, Consequence, Evidence, Limit, Otherwise, Reminder, Stage, Target,
    WaitsFor, Words, Workflow,
};

/// Something that keeps a workflow from being loaded. It names the stage, where one is at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// A key is no short word.
    #[error("{0:?} is no key: 1 to 32 of a–z, 0–9 and _")]
    Key(String),
    /// Versions count from 1.
    #[error("versions count from 1")]
    Version,
    /// Something has no name in one of the languages.
    #[error("{0}: something is not said in both languages, in 1 to 200 characters")]
    Words(String),
    /// Two stages of one name.
    #[error("there are two stages {0}")]
    Twice(String),
    /// A stage is named that is not there.
    #[error("{from} leads to {to}, which is no stage")]
    NoSuchStage {
        /// Where it is named.
        from: String,
        /// What is named.
        to: String,
    },
    /// No way leads there.
    #[error("no way leads to {0}")]
    Unreachable(String),
    /// From there no case ever ends.
    #[error("{0} is a dead end: no way out of it leads to an outcome")]
    DeadEnd(String),
    /// A stage waits for a person, and says not who.
    #[error("{0} waits for a person, and nobody decides")]
    NobodyDecides(String),
    /// A role decides that nobody can decide in.
    #[error("{stage}: {role:?} decides no cases")]
    WrongRole {
        /// Where.
        stage: String,
        /// Which role.
        role: Role,
    },
    /// A stage names who decides, and waits for somebody else.
    #[error("{0} waits for nobody who decides")]
    IdleDecider(String),
    /// A stage that waits for a person or a system has no clock, so it may wait forever.
    #[error("{0} has no clock")]
    NoClock(String),
    /// A limit of no time, or a reminder at no time.
    #[error("{0}: a clock runs for a minute to a year, and reminds before its end")]
    Time(String),
    /// An action is not one of those that a stage of this kind can have, or is there twice.
    #[error(
        "{stage}: {action:?} cannot be done there, is there twice or never, or leads elsewhere than it may"
    )]
    Action {
        /// Where.
        stage: String,
        /// Which action.
        action: CaseAction,
    },
    /// A reason is evidence of which there is none, or reasons are listed that nobody is asked for.
    #[error(
        "{stage}: the reasons of {action:?} are not a list without repetitions, or not asked for"
    )]
    Reasons {
        /// Where.
        stage: String,
        /// Of which action.
        action: CaseAction,
    },
    /// A clock makes a decision that only people make.
    #[error("{0}: a clock decides that a case is granted by it, or lapsed")]
    ClockOutcome(String),
    /// Whoever sends a case up sends it with the time that is left, and there time is counted otherwise.
    #[error("{from}: {to} counts time otherwise, so what is left of it cannot go along")]
    OtherTime {
        /// From where.
        from: String,
        /// To where.
        to: String,
    },
    /// A limit counts from the opening of the case at a stage to which cases come from people.
    #[error("{0}: a limit that counts from the opening is for what comes first, or from an answer")]
    FromOpening(String),
    /// What is granted without an opinion may be barred, and then nobody has it.
    #[error("{0}: where may the case go if it may not be granted?")]
    NoOtherwise(String),
}

/// Minutes of a clock, at the most: a year.
const LONGEST: u32 = 366 * 24 * 60;

/// Roles in which cases are decided.
const DECIDERS: [Role; 2] = [Role::CommunityIssuer, Role::Reviewer];

impl Workflow {
    /// Everything that is wrong with it. Nothing, for one that can be followed: every stage can be
    /// reached, from every stage some outcome can be, every clock has a consequence, and somebody can
    /// decide wherever a person has to.
    #[must_use]
    pub fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = self.names();
        for stage in &self.stages {
            flaws.extend(stage.flaws());
            flaws.extend(self.missing(stage));
            flaws.extend(self.mistimed(stage));
        }
        flaws.extend(self.unreachable());
        flaws.extend(self.dead_ends());
        flaws
    }

    fn names(&self) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        let keys = self.stages.iter().map(|stage| &stage.key);
        let unreadable = keys.clone().chain([&self.key]).filter(|key| !is_key(key));
        flaws.extend(unreadable.cloned().map(Flaw::Key));
        let mut seen = BTreeSet::new();
        let twice = keys.filter(|key| !seen.insert(*key));
        flaws.extend(twice.cloned().map(Flaw::Twice));
        if self.version < 1 {
            flaws.push(Flaw::Version);
        }
        if !self.title.is_said() {
            flaws.push(Flaw::Words(self.key.clone()));
        }
        if self.stage(&self.first).is_none() {
            flaws.push(Flaw::NoSuchStage {
                from: self.key.clone(),
                to: self.first.clone(),
            });
        }
        flaws
    }

    /// Ways along which time is lost or won.
    fn mistimed(&self, stage: &Stage) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        let counting = |stage: &Stage| stage.clock.as_ref().map(|clock| clock.limit.counting());
        let up = stage.action(CaseAction::Escalate).map(|rule| &rule.to);
        if stage.waits_for == WaitsFor::Person
            && let Some(Target::Stage(key)) = up
            && let Some(to) = self.stage(key)
            && counting(to) != counting(stage)
        {
            flaws.push(Flaw::OtherTime {
                from: stage.key.clone(),
                to: key.clone(),
            });
        }
        let from_opening = |clock: &ClockRule| clock.from == Begin::Opening;
        let come_from = |from: &Stage| {
            let here = Target::Stage(stage.key.clone());
            from.waits_for != WaitsFor::Answer && from.ways().any(|way| way == here)
        };
        if stage.clock.as_ref().is_some_and(from_opening) && self.stages.iter().any(come_from) {
            flaws.push(Flaw::FromOpening(stage.key.clone()));
        }
        flaws
    }

    fn missing(&self, stage: &Stage) -> Vec<Flaw> {
        let unknown = stage.ways().filter_map(|way| match way {
            Target::Stage(to) if self.stage(&to).is_none() => Some(to),
            _ => None,
        });
        let flaw = |to| Flaw::NoSuchStage {
            from: stage.key.clone(),
            to,
        };
        unknown.map(flaw).collect()
    }

    fn unreachable(&self) -> Vec<Flaw> {
        let mut reached = BTreeSet::from([self.first.as_str()]);
        let mut ahead = vec![self.first.as_str()];
        while let Some(here) = ahead.pop() {
            for next in self.next(here) {
                if reached.insert(next) {
                    ahead.push(next);
                }
            }
        }
        let keys = self.stages.iter().map(|stage| &stage.key);
        keys.filter(|key| !reached.contains(key.as_str()))
            .cloned()
            .map(Flaw::Unreachable)
            .collect()
    }

    /// The stages that a case may go to from `key`.
    fn next(&self, key: &str) -> Vec<&str> {
        let Some(stage) = self.stage(key) else {
            return Vec::new();
        };
        let mut next = Vec::new();
        for way in stage.ways() {
            match way {
                Target::Stage(to) => next.extend(self.stage(&to).map(|stage| stage.key.as_str())),
                Target::Back => next.extend(self.asking(key)),
                Target::Outcome(_) => (),
            }
        }
        next
    }

    /// The stages that ask the applicant at `key` for something.
    fn asking(&self, key: &str) -> impl Iterator<Item = &str> {
        let asks = move |stage: &&Stage| {
            let rule = stage.action(CaseAction::Ask);
            rule.is_some_and(|rule| matches!(&rule.to, Target::Stage(to) if to == key))
        };
        self.stages
            .iter()
            .filter(asks)
            .map(|stage| stage.key.as_str())
    }

    /// The stages from which no outcome can be reached.
    fn dead_ends(&self) -> Vec<Flaw> {
        let ends = |stage: &Stage| stage.ways().any(|way| matches!(way, Target::Outcome(_)));
        let next: BTreeMap<&str, Vec<&str>> = self
            .stages
            .iter()
            .map(|stage| (stage.key.as_str(), self.next(&stage.key)))
            .collect();
        let mut alive: BTreeSet<&str> = self
            .stages
            .iter()
            .filter(|stage| ends(stage))
            .map(|stage| stage.key.as_str())
            .collect();
        loop {
            let before = alive.len();
            let saved = next
                .iter()
                .filter(|(_, next)| next.iter().any(|next| alive.contains(next)));
            let saved: Vec<&str> = saved.map(|(key, _)| *key).collect();
            alive.extend(saved);
            if alive.len() == before {
                break;
            }
        }
        next.keys()
            .filter(|key| !alive.contains(*key))
            .map(|key| Flaw::DeadEnd((*key).to_owned()))
            .collect()
    }
}

impl Stage {
    fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        let here = || self.key.clone();
        if !self.title.is_said() {
            flaws.push(Flaw::Words(here()));
        }
        match (&self.decider, self.waits_for) {
            (Some(decider), WaitsFor::Person) if !DECIDERS.contains(&decider.role) => {
                flaws.push(Flaw::WrongRole {
                    stage: here(),
                    role: decider.role,
                });
            }
            (None, WaitsFor::Person) => flaws.push(Flaw::NobodyDecides(here())),
            (Some(_), WaitsFor::Applicant | WaitsFor::Answer) => {
                flaws.push(Flaw::IdleDecider(here()));
            }
            _ => (),
        }
        match &self.clock {
            Some(clock) => flaws.extend(self.clock_flaws(clock)),
            None => flaws.push(Flaw::NoClock(here())),
        }
        for (at, rule) in self.actions.iter().enumerate() {
            let before = self.actions.iter().take(at);
            let is_twice = before.clone().any(|other| other.action == rule.action);
            let never = rule.at_most == Some(0);
            if is_twice || never || !self.admits(rule) {
                flaws.push(Flaw::Action {
                    stage: here(),
                    action: rule.action,
                });
            }
            flaws.extend(self.reason_flaws(rule));
        }
        flaws
    }

    fn clock_flaws(&self, clock: &ClockRule) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        let here = || self.key.clone();
        let length = match clock.limit {
            Limit::WorkingMinutes(minutes) | Limit::Minutes(minutes) => minutes,
            Limit::WorkingDays(days) => u32::from(days) * 24 * 60,
        };
        let runs = |minutes: u32| (1..=LONGEST).contains(&minutes);
        let reminds = clock
            .remind_minutes_before
            .is_none_or(|m| runs(m) && m < length);
        let again = match &clock.when_out {
            Consequence::Remind(minutes)
            | Consequence::Decide {
                otherwise: Some(Otherwise::Remind(Reminder { remind: minutes })),
                ..
            } => runs(*minutes) && self.waits_for == WaitsFor::Person,
            Consequence::Escalate(_) | Consequence::Decide { .. } => true,
        };
        if !(runs(length) && reminds && again) {
            flaws.push(Flaw::Time(here()));
        }
        if let Consequence::Decide {
            outcome, otherwise, ..
        } = &clock.when_out
        {
            match (outcome, otherwise) {
                (CaseOutcome::ByClock, None) => flaws.push(Flaw::NoOtherwise(here())),
                (CaseOutcome::ByClock, Some(_)) | (CaseOutcome::Lapsed, None) => (),
                _ => flaws.push(Flaw::ClockOutcome(here())),
            }
        }
        flaws
    }

    /// Whether an action belongs to a stage of this kind, and leads where it can.
    fn admits(&self, rule: &ActionRule) -> bool {
        use CaseAction as Act;
        let outcome = |outcome| rule.to == Target::Outcome(outcome);
        let elsewhere = matches!(&rule.to, Target::Stage(to) if *to != self.key);
        match (rule.action, self.waits_for) {
            (Act::Approve, WaitsFor::Person) => outcome(CaseOutcome::Approved) || elsewhere,
            (Act::Refuse, WaitsFor::Person) => outcome(CaseOutcome::Refused),
            (Act::Ask, WaitsFor::Person)
            | (Act::Answer, WaitsFor::Answer)
            // What another system answers may be for a person to look at.
            | (Act::Escalate, WaitsFor::Person | WaitsFor::Answer) => elsewhere,
            (Act::Resubmit, WaitsFor::Applicant) => rule.to == Target::Back,
            (Act::Withdraw, _) => outcome(CaseOutcome::Withdrawn),
            _ => false,
        }
    }

    fn reason_flaws(&self, rule: &ActionRule) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        let asked = rule.evidence.contains(&Evidence::Reason);
        let mut seen = BTreeSet::new();
        let once = rule.reasons.iter().all(|reason| seen.insert(&reason.code));
        let keys = rule.reasons.iter().all(|reason| is_key(&reason.code));
        let mut contacts = rule
            .reasons
            .iter()
            .filter_map(|reason| reason.contacts.as_ref());
        let some = contacts.all(|needed| needed.at_least > 0 && !needed.results.is_empty());
        if asked == rule.reasons.is_empty() || !once || !keys || !some {
            flaws.push(Flaw::Reasons {
                stage: self.key.clone(),
                action: rule.action,
            });
        }
        let said = |text: &str| is_said(text);
        if !rule
            .reasons
            .iter()
            .all(|reason| said(&reason.zh) && said(&reason.en))
        {
            flaws.push(Flaw::Words(self.key.clone()));
        }
        flaws
    }
}

impl Words {
    fn is_said(&self) -> bool {
        is_said(&self.zh) && is_said(&self.en)
    }
}

fn is_said(text: &str) -> bool {
    (1..=200).contains(&text.trim().chars().count())
}

fn is_key(text: &str) -> bool {
    let letters = text
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    letters && (1..=32).contains(&text.len())
}

#[cfg(test)]
mod tests;
