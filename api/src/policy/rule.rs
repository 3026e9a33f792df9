//! Rules, read and checked.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::values::{Division, ReasonCode};
use serde_json::Value as Json;

use super::{
    document::{
        ConditionDocument, EffectDocument, FollowUpDocument, HoldDocument, ReleaseDocument,
        RuleDocument, ShowDocument, Wording,
    },
    language::{Flaw, FlawKind, Logic},
    version::Version,
    vocabulary::{About, Scope},
};

/// A rule that was checked. Of each id one version is in force at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Which rule: the same in all its versions.
    pub id: String,
    /// Which version.
    pub version: Version,
    /// Since when it has been in force, or will be; none while nobody decided.
    pub valid_from: Option<DateTime<Utc>>,
    /// Until when, if that is decided.
    pub valid_until: Option<DateTime<Utc>>,
    /// Where the person lives for it to apply. Empty: in the whole province.
    pub scope: Vec<Division>,
    /// What it is about.
    pub about: About,
    /// The names of person and fact that it reads.
    pub affected: Vec<String>,
    /// When it finds its cause.
    pub when: Logic,
    /// What it does then.
    pub effect: Effect,
    /// What it finds, in words.
    pub text: Wording,
    /// What whoever it finds should do now.
    pub advice: Wording,
    /// Whom they can call.
    pub contact: Wording,
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Opens a hold, once for each fact for which the condition is satisfied.
    ///
    /// It is released once `until` is past and every condition of `release` is met. An `until` that
    /// cannot be told is not past. With neither, only what takes the fact back ends it.
    Hold {
        /// The cause.
        reason: ReasonCode,
        /// The earliest release.
        until: Option<Logic>,
        /// What must be met besides. What is not is what is missing (H10).
        release: Vec<Condition>,
        /// The hold that begins when this one is released.
        follow_up: Option<FollowUp>,
    },
    /// Shows its cause while the condition is satisfied; nothing is kept.
    Show {
        /// The cause.
        reason: ReasonCode,
        /// Since when it has been shown.
        since: Option<Logic>,
        /// When it will end by itself.
        until: Option<Logic>,
    },
    /// Ends the holds of certain causes. In the rule's condition `hold` is one of them.
    Release {
        /// Their causes.
        reasons: Vec<ReasonCode>,
        /// Only those that began before this instant.
        before: Logic,
    },
}

/// A condition of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The condition.
    pub met: Logic,
    /// When it can be met at the earliest, where that can be told.
    pub until: Option<Logic>,
    /// What is needed, in words.
    pub text: Wording,
}

/// A hold that follows another. In its logic `hold` is the other one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUp {
    /// The cause.
    pub reason: ReasonCode,
    /// The earliest release.
    pub until: Logic,
    /// What must be met besides.
    pub release: Vec<Condition>,
    /// What it means, in words.
    pub text: Wording,
    /// What to do now.
    pub advice: Wording,
}

/// Characters of an id, at the most.
const LONGEST_ID: usize = 32;

/// Regions, and conditions of a release, at the most.
const MOST_REGIONS: usize = 100;
const MOST_CONDITIONS: usize = 8;

impl Rule {
    /// What `document` says, if every word of it means something and nothing reaches beyond
    /// `province`. Else everything that is wrong with it.
    pub fn read(document: &RuleDocument, province: &Division) -> Result<Self, Vec<Flaw>> {
        let mut reader = Reader::of(document);
        let releases = matches!(document.effect, EffectDocument::Release(_));
        let when = reader.condition("when", &document.when, releases);
        let effect = reader.effect(&document.effect);
        reader.id(&document.id);
        reader.scope(&document.scope, province);
        reader.affected(&document.affected);
        reader.wording("text", &document.text);
        reader.wording("advice", &document.advice);
        reader.wording("contact", &document.contact);
        match (when, effect) {
            (Some(when), Some(effect)) if reader.flaws.is_empty() => Ok(Self {
                id: document.id.clone(),
                version: document.version,
                valid_from: None,
                valid_until: None,
                scope: document.scope.clone(),
                about: document.about,
                affected: document.affected.clone(),
                when,
                effect,
                text: document.text.clone(),
                advice: document.advice.clone(),
                contact: document.contact.clone(),
            }),
            _ => Err(reader.flaws),
        }
    }

    /// Whether it applies to somebody who lives in `division`. Where somebody lives who declared
    /// nothing is not known, so only what applies everywhere applies to them.
    #[must_use]
    pub fn applies_in(&self, division: Option<&Division>) -> bool {
        let lives_in = |region: &Division| division.is_some_and(|home| region.contains(home));
        self.scope.is_empty() || self.scope.iter().any(lives_in)
    }
}

/// Logic that cannot be read. The flaw is gathered.
struct Broken;

/// Reads a document, and gathers what is wrong with it.
struct Reader {
    about: About,
    names: BTreeSet<String>,
    flaws: Vec<Flaw>,
}

impl Reader {
    fn of(document: &RuleDocument) -> Self {
        Self {
            about: document.about,
            names: BTreeSet::new(),
            flaws: Vec::new(),
        }
    }

    fn flaw(&mut self, path: impl Into<String>, kind: FlawKind) {
        self.flaws.push(Flaw {
            path: path.into(),
            kind,
        });
    }

    fn condition(&mut self, path: &str, json: &Json, hold: bool) -> Option<Logic> {
        let scope = self.names_with(hold);
        self.kept(path, json, |json| Logic::condition(json, scope))
    }

    fn instant(&mut self, path: &str, json: &Json, hold: bool) -> Option<Logic> {
        let scope = self.names_with(hold);
        self.kept(path, json, |json| Logic::instant(json, scope))
    }

    fn maybe_instant(
        &mut self,
        path: &str,
        json: Option<&Json>,
        hold: bool,
    ) -> Result<Option<Logic>, Broken> {
        json.map_or(Ok(None), |json| {
            self.instant(path, json, hold).map(Some).ok_or(Broken)
        })
    }

    fn names_with(&self, hold: bool) -> Scope {
        Scope {
            about: self.about,
            hold,
        }
    }

    /// A literal alone decides nothing, so no rule has one for its logic.
    fn kept(
        &mut self,
        path: &str,
        json: &Json,
        read: impl FnOnce(&Json) -> Result<Logic, Flaw>,
    ) -> Option<Logic> {
        if !json.is_object() {
            self.flaw(path, FlawKind::NotLogic);
            return None;
        }
        match read(json) {
            Ok(logic) => {
                self.names.extend(logic.names().iter().cloned());
                Some(logic)
            }
            Err(flaw) if flaw.path.is_empty() => {
                self.flaw(path, flaw.kind);
                None
            }
            Err(flaw) => {
                self.flaw(format!("{path}.{}", flaw.path), flaw.kind);
                None
            }
        }
    }

    fn effect(&mut self, effect: &EffectDocument) -> Option<Effect> {
        match effect {
            EffectDocument::Hold(hold) => self.hold(hold),
            EffectDocument::Show(show) => self.show(show),
            EffectDocument::Release(release) => self.release(release),
        }
    }

    fn hold(&mut self, hold: &HoldDocument) -> Option<Effect> {
        self.needs_fact();
        self.reason("effect.hold.reason", hold.reason);
        let until = self.maybe_instant("effect.hold.until", hold.until.as_ref(), true);
        let release = self.conditions("effect.hold.release", &hold.release);
        let follow_up = match &hold.follow_up {
            Some(follow_up) => self.follow_up(follow_up).map(Some),
            None => Some(None),
        };
        Some(Effect::Hold {
            reason: hold.reason,
            until: until.ok()?,
            release: release?,
            follow_up: follow_up?,
        })
    }

    fn follow_up(&mut self, follow_up: &FollowUpDocument) -> Option<FollowUp> {
        self.reason("effect.hold.follow_up.reason", follow_up.reason);
        self.wording("effect.hold.follow_up.text", &follow_up.text);
        self.wording("effect.hold.follow_up.advice", &follow_up.advice);
        let until = self.instant("effect.hold.follow_up.until", &follow_up.until, true);
        let release = self.conditions("effect.hold.follow_up.release", &follow_up.release);
        Some(FollowUp {
            reason: follow_up.reason,
            until: until?,
            release: release?,
            text: follow_up.text.clone(),
            advice: follow_up.advice.clone(),
        })
    }

    fn conditions(&mut self, path: &str, release: &[ConditionDocument]) -> Option<Vec<Condition>> {
        if release.len() > MOST_CONDITIONS {
            self.flaw(path, FlawKind::TooLarge);
            return None;
        }
        let read: Vec<Option<Condition>> = release
            .iter()
            .enumerate()
            .map(|(at, condition)| self.one_condition(&format!("{path}[{at}]"), condition))
            .collect();
        read.into_iter().collect()
    }

    fn one_condition(&mut self, path: &str, condition: &ConditionDocument) -> Option<Condition> {
        let met = self.condition(&format!("{path}.met"), &condition.met, true);
        let until = self.maybe_instant(&format!("{path}.until"), condition.until.as_ref(), true);
        self.wording(&format!("{path}.text"), &condition.text);
        Some(Condition {
            met: met?,
            until: until.ok()?,
            text: condition.text.clone(),
        })
    }

    fn show(&mut self, show: &ShowDocument) -> Option<Effect> {
        self.reason("effect.show.reason", show.reason);
        let since = self.maybe_instant("effect.show.since", show.since.as_ref(), false);
        let until = self.maybe_instant("effect.show.until", show.until.as_ref(), false);
        Some(Effect::Show {
            reason: show.reason,
            since: since.ok()?,
            until: until.ok()?,
        })
    }

    fn release(&mut self, release: &ReleaseDocument) -> Option<Effect> {
        self.needs_fact();
        let distinct: BTreeSet<ReasonCode> = release.reasons.iter().copied().collect();
        for (at, reason) in release.reasons.iter().enumerate() {
            let path = format!("effect.release.reasons[{at}]");
            // Only who pushed a colour takes it back.
            if *reason == ReasonCode::R08 {
                self.flaw(path, FlawKind::Reason);
            } else {
                self.reason(path, *reason);
            }
        }
        if release.reasons.is_empty() || distinct.len() < release.reasons.len() {
            self.flaw("effect.release.reasons", FlawKind::Repeated);
        }
        let before = self.instant("effect.release.before", &release.before, false);
        Some(Effect::Release {
            reasons: release.reasons.clone(),
            before: before?,
        })
    }

    /// A hold without evidence cannot exist.
    fn needs_fact(&mut self) {
        if self.about == About::Person {
            self.flaw("about", FlawKind::NeedsFact);
        }
    }

    fn reason(&mut self, path: impl Into<String>, reason: ReasonCode) {
        if reason == ReasonCode::G00 {
            self.flaw(path, FlawKind::Reason);
        }
    }

    fn id(&mut self, id: &str) {
        let word = |word: &str| {
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            !word.is_empty() && word.bytes().all(plain)
        };
        let begins = id.starts_with(|first: char| first.is_ascii_lowercase());
        if !begins || id.len() > LONGEST_ID || !id.split(['.', '-']).all(word) {
            self.flaw("id", FlawKind::Id);
        }
    }

    fn scope(&mut self, scope: &[Division], province: &Division) {
        if scope.len() > MOST_REGIONS {
            self.flaw("scope", FlawKind::TooLarge);
            return;
        }
        for (at, region) in scope.iter().enumerate() {
            let path = format!("scope[{at}]");
            if !province.contains(region) {
                self.flaw(path, FlawKind::OutsideProvince);
            } else if scope.iter().take(at).any(|other| other == region) {
                self.flaw(path, FlawKind::Repeated);
            }
        }
    }

    fn affected(&mut self, affected: &[String]) {
        let listed: BTreeSet<&String> = affected.iter().collect();
        let complete = listed.len() == affected.len() && listed.into_iter().eq(&self.names);
        // While some logic cannot be read, what it reads is not known.
        if self.flaws.is_empty() && !complete {
            self.flaw("affected", FlawKind::Affected);
        }
    }

    fn wording(&mut self, path: &str, wording: &Wording) {
        let length = |text: &str| text.trim().chars().count();
        let in_bounds =
            (4..=500).contains(&length(&wording.zh)) && (20..=1_000).contains(&length(&wording.en));
        if !in_bounds {
            self.flaw(path, FlawKind::Wording);
        }
    }
}
