//! The whole explanation of what a code shows (H8, H10), for whoever may ask.

use std::{cmp::Reverse, collections::BTreeSet, sync::Arc};

use chrono::{DateTime, Utc};
use entity::values::{Colour, Division, PersonId, ReasonCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    error::Error,
    found::{FactView, RegionView},
    loading::{self, Loaded},
    rules::{self, Explained, Facts, Finding, Needed, Reason, Words},
    views::{name_of, words_for, words_for_a_closed_region},
};
use crate::{
    deps::Deps,
    http::problem::{Language, Text},
    policy::{self, Policy, Rule, Wording},
    regions,
};

/// Why a code shows what it shows: every reason, what it was found in, and what ends it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExplanationView {
    /// Whose.
    person: PersonId,
    /// What the code shows.
    pub(super) colour: Colour,
    /// The same in words.
    colour_text: &'static str,
    /// When this was decided.
    pub(super) decided_at: DateTime<Utc>,
    /// When time alone will change it. Null if it will not.
    changes_at: Option<DateTime<Utc>>,
    /// Every reason, worst first. Empty for green.
    pub(super) reasons: Vec<ExplainedView>,
    /// Whom to ask where the person lives. Null for somebody who declared nothing.
    region: Option<ContactView>,
    /// The facts that were considered, the one that happened last first.
    considered: Vec<FactView>,
    /// The policy that decided.
    pub(super) policy: PolicyView,
}

/// A reason, explained.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExplainedView {
    /// The cause.
    pub(super) code: ReasonCode,
    /// The colour that it makes.
    colour: Colour,
    /// The cause in words.
    text: String,
    /// What to do now.
    advice: String,
    /// Whom to call about it.
    contact: String,
    /// The rule that found it.
    pub(super) rule: String,
    /// The version of the rule.
    pub(super) rule_version: String,
    /// The region whose data it comes from, and which alone may take that back.
    pub(super) source_region: RegionView,
    /// Since when. Null for a cause without a beginning on record.
    pub(super) since: Option<DateTime<Utc>>,
    /// The earliest end, where the rule sets a length. Null where it does not.
    pub(super) until: Option<DateTime<Utc>>,
    /// The facts that it was found in. Empty where it is what is missing.
    pub(super) facts: Vec<FactView>,
    /// What must be met for it to end, besides the end of its length.
    conditions: Vec<ConditionView>,
}

/// A condition for the end of a cause.
#[derive(Debug, Serialize, ToSchema)]
struct ConditionView {
    /// What is needed, in words.
    text: String,
    /// Whether it is met.
    met: bool,
    /// How far it got. Null where that cannot be counted.
    progress: Option<ProgressView>,
    /// When it can be met at the earliest. Null where that cannot be told.
    earliest_at: Option<DateTime<Utc>>,
}

/// So many of so many.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConditionProgressView)]
struct ProgressView {
    /// How many there are.
    done: i64,
    /// How many are needed.
    needed: i64,
}

/// Whom to ask in a region.
#[derive(Debug, Serialize, ToSchema)]
struct ContactView {
    /// Its code.
    division: Division,
    /// Its name with those around it. Empty for a code that nobody assigned.
    name: String,
    /// Whom to call or write to. Null if nobody is named.
    contact: Option<String>,
}

/// What a policy was made of when it decided.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DecidingPolicyView)]
pub(super) struct PolicyView {
    /// Which: counts the times at which rules came into force or went out of it.
    pub(super) version: String,
    /// Since when it decides. Null where it always did.
    since: Option<DateTime<Utc>>,
    /// The rules in force, as `rule@version`.
    rules: BTreeSet<String>,
}

/// Explain what `person` shows now.
pub(super) async fn explain(
    deps: &Deps,
    person: PersonId,
    language: Language,
) -> Result<ExplanationView, Error> {
    let now = deps.clock.now();
    let Loaded { facts, opening, .. } = loading::load(&deps.db, deps, person, None).await?;
    let policy = policy::in_force(deps, now).await?;
    let verdict = rules::decide(&facts, &policy, now);
    let explained = rules::explain(&facts, &policy, verdict.reasons, now);
    let teller = Teller {
        facts: &facts,
        language,
    };
    let contact = opening.and_then(|opening| opening.plan.contact);
    Ok(ExplanationView {
        person,
        colour: verdict.colour,
        colour_text: name_of(verdict.colour).in_language(language),
        decided_at: now,
        changes_at: verdict.next_change_at,
        reasons: explained
            .into_iter()
            .map(|explained| teller.reason(explained))
            .collect(),
        region: facts.division.as_ref().map(|division| ContactView {
            name: regions::full_name(division).unwrap_or_default(),
            division: division.clone(),
            contact,
        }),
        considered: teller.considered(now),
        policy: PolicyView::of(&policy),
    })
}

/// Tells somebody of what is known about them.
struct Teller<'a> {
    facts: &'a Facts,
    language: Language,
}

impl Teller<'_> {
    fn reason(&self, explained: Explained) -> ExplainedView {
        let Explained {
            reason,
            words,
            conditions,
        } = explained;
        let [text, advice, contact] = self.words(&reason, words.as_ref());
        let fact = self.found_in(&reason);
        ExplainedView {
            code: reason.code,
            colour: reason.code.colour(),
            text,
            advice,
            contact,
            rule: reason.rule,
            rule_version: reason.rule_version,
            source_region: RegionView::of(&reason.source_region),
            since: reason.since,
            until: reason.until,
            facts: fact.into_iter().collect(),
            conditions: conditions
                .iter()
                .map(|needed| self.condition(needed))
                .collect(),
        }
    }

    /// Cause, advice and contact.
    fn words(&self, reason: &Reason, words: Option<&Words>) -> [String; 3] {
        if let Some(words) = words {
            return [&words.text, &words.advice, &words.contact].map(|words| self.worded(words));
        }
        let (text, advice) = built_in_words(reason);
        [text, advice, HOTLINE].map(|words| words.in_language(self.language).to_owned())
    }

    fn found_in(&self, reason: &Reason) -> Option<FactView> {
        let (evidence, what) = reason.evidence.as_ref().zip(reason.found.as_ref())?;
        let known = |finding: &&Finding| finding.evidence == *evidence && finding.what == *what;
        let recorded = self.facts.findings.iter().find(known);
        Some(FactView::new(
            what,
            evidence,
            recorded.map(|finding| finding.recorded_at),
            &reason.source_region,
            self.language,
        ))
    }

    fn condition(&self, needed: &Needed) -> ConditionView {
        ConditionView {
            text: self.worded(&needed.text),
            met: needed.met,
            progress: needed.progress.map(|progress| ProgressView {
                done: progress.done,
                needed: progress.needed,
            }),
            earliest_at: needed.until,
        }
    }

    /// What counts at `now`, the last first.
    fn considered(&self, now: DateTime<Utc>) -> Vec<FactView> {
        let counts = |finding: &&Finding| finding.stands(now);
        let mut facts: Vec<FactView> = self
            .facts
            .findings
            .iter()
            .filter(counts)
            .map(|finding| FactView::of(finding, &self.facts.province, self.language))
            .collect();
        facts.sort_by(|one, other| {
            let order = |fact: &FactView| (Reverse(fact.at), fact.record.clone());
            order(one).cmp(&order(other))
        });
        facts
    }

    fn worded(&self, words: &Wording) -> String {
        match self.language {
            Language::Chinese => words.zh.clone(),
            Language::English => words.en.clone(),
        }
    }
}

/// Whom to call about what no rule found.
const HOTLINE: Text = Text::new("咨询请拨打 12345", "Questions: call 12345");

fn built_in_words(reason: &Reason) -> (Text, Text) {
    if reason.rule == rules::NOT_OPEN {
        words_for_a_closed_region()
    } else {
        words_for(reason.code)
    }
}

impl PolicyView {
    fn of(policy: &Policy) -> Self {
        let name = |rule: &Arc<Rule>| format!("{}@{}", rule.id, rule.version);
        Self {
            version: policy.version.clone(),
            since: policy.since,
            rules: policy.rules.iter().map(name).collect(),
        }
    }
}
