//! Which rules are in force, at any time.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use entity::{policy_rule, policy_term};
use sea_orm::DbErr;

use super::{
    document::RuleDocument, error::Error, rule::Rule, rules::LEAD, store, version::Version,
};
use crate::deps::Deps;

/// The rules that decide at some time.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Which policy: counts the times at which rules came into force or went out of it.
    pub version: String,
    /// The rules in force, by id.
    pub rules: Vec<Arc<Rule>>,
    /// By id and version, the rules that were in force before. None for one that was retired or
    /// rolled back; else another version took its place, and what it opened ends as it said.
    pub before: BTreeMap<(String, String), Option<Arc<Rule>>>,
    /// Since when these rules decide.
    pub since: Option<DateTime<Utc>>,
    /// When others will, if that is decided.
    pub changes_at: Option<DateTime<Utc>>,
}

impl Policy {
    /// The policy with `rule` in place of the version of it that is in force: what a dry run asks.
    #[must_use]
    pub fn with(&self, rule: Rule) -> Self {
        let mut tried = self.clone();
        let replaced = tried.rules.iter().position(|known| known.id == rule.id);
        let rule = Arc::new(rule);
        if let Some(slot) = replaced.and_then(|at| tried.rules.get_mut(at)) {
            let known = std::mem::replace(slot, rule);
            let key = (known.id.clone(), known.version.to_string());
            tried.before.insert(key, Some(known));
        } else {
            tried.rules.push(rule);
        }
        tried
    }

    /// The policy with the version before `rule` in its place, or with none: what was, but for it.
    #[must_use]
    pub fn without(&self, rule: &Rule) -> Self {
        let mut other = self.clone();
        let before = other
            .before
            .values()
            .flatten()
            .filter(|before| before.id == rule.id && before.version != rule.version)
            .max_by_key(|before| before.version)
            .cloned();
        other.rules.retain(|known| known.id != rule.id);
        other.rules.extend(before);
        other
    }

    fn covers(&self, at: DateTime<Utc>) -> bool {
        self.since.is_none_or(|since| since <= at)
            && self.changes_at.is_none_or(|changes_at| at < changes_at)
    }
}

/// A version of a rule for a time.
#[derive(Debug, Clone)]
pub(super) struct Term {
    pub(super) rule: Arc<Rule>,
    pub(super) document: Arc<RuleDocument>,
    starts_at: DateTime<Utc>,
    ends_at: Option<DateTime<Utc>>,
    rolled_back: bool,
}

impl Term {
    pub(super) fn covers(&self, at: DateTime<Utc>) -> bool {
        self.starts_at <= at && self.ends_at.is_none_or(|ends_at| at < ends_at)
    }

    fn is_over(&self, at: DateTime<Utc>) -> bool {
        self.ends_at.is_some_and(|ends_at| ends_at <= at)
    }

    pub(super) fn is_coming(&self, at: DateTime<Utc>) -> bool {
        self.starts_at > at
    }
}

/// Every term there was, is and will be, as far as is decided.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) terms: Vec<Term>,
}

impl Book {
    /// The policy at `at`.
    pub(super) fn at(&self, at: DateTime<Utc>) -> Policy {
        let turns: BTreeSet<DateTime<Utc>> = self
            .terms
            .iter()
            .flat_map(|term| [Some(term.starts_at), term.ends_at])
            .flatten()
            .collect();
        let past = turns.range(..=at);
        let rules: Vec<Arc<Rule>> = self
            .terms
            .iter()
            .filter(|term| term.covers(at))
            .map(|term| Arc::clone(&term.rule))
            .collect();
        let in_force = |of: &Rule| rules.iter().find(|rule| rule.id == of.id);
        let mut before = BTreeMap::new();
        for term in self.terms.iter().filter(|term| term.is_over(at)) {
            let successor = in_force(&term.rule);
            if successor.is_some_and(|rule| rule.version == term.rule.version) {
                continue;
            }
            let applies = successor.is_some() && !term.rolled_back;
            let key = (term.rule.id.clone(), term.rule.version.to_string());
            before.insert(key, applies.then(|| Arc::clone(&term.rule)));
        }
        Policy {
            version: past.clone().count().to_string(),
            since: past.last().copied(),
            changes_at: turns.range(at..).find(|turn| **turn > at).copied(),
            rules,
            before,
        }
    }
}

/// What this process knows of the policy, for at most two seconds.
///
/// Whatever begins or ends is known that long before, so for the present it is never out of date.
#[derive(Default)]
pub struct PolicyCache(Mutex<Option<Known>>);

#[derive(Clone)]
struct Known {
    book: Arc<Book>,
    good_until: DateTime<Utc>,
    /// What was asked for last.
    policy: Arc<Policy>,
}

impl PolicyCache {
    /// Forget it, so that the next to ask is told of what was just decided.
    pub(super) fn forget(&self) {
        self.set(None);
    }

    fn get(&self, now: DateTime<Utc>) -> Option<Known> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = |known: &&Known| now < known.good_until && known.good_until <= now + LEAD;
        known.as_ref().filter(fresh).cloned()
    }

    fn set(&self, known: Option<Known>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = known;
    }
}

impl fmt::Debug for PolicyCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PolicyCache").finish_non_exhaustive()
    }
}

/// The policy in force at `at`: of a past instant, what was in force then.
pub async fn in_force(deps: &Deps, at: DateTime<Utc>) -> Result<Arc<Policy>, Error> {
    let known = known(deps).await?;
    if known.policy.covers(at) {
        return Ok(known.policy);
    }
    let policy = Arc::new(known.book.at(at));
    deps.law.set(Some(Known {
        policy: Arc::clone(&policy),
        ..known
    }));
    Ok(policy)
}

/// Every term, as this process knows it.
pub(super) async fn book(deps: &Deps) -> Result<Arc<Book>, Error> {
    Ok(known(deps).await?.book)
}

async fn known(deps: &Deps) -> Result<Known, Error> {
    let now = deps.clock.now();
    if let Some(known) = deps.law.get(now) {
        return Ok(known);
    }
    let book = Arc::new(load(deps).await?);
    let known = Known {
        policy: Arc::new(book.at(now)),
        good_until: now + LEAD,
        book,
    };
    deps.law.set(Some(known.clone()));
    Ok(known)
}

async fn load(deps: &Deps) -> Result<Book, Error> {
    let terms = store::terms(&deps.db).await?;
    let keys: BTreeSet<(String, String)> = terms
        .iter()
        .map(|term| (term.rule.clone(), term.version.clone()))
        .collect();
    let keys: Vec<(String, String)> = keys.into_iter().collect();
    let rows = store::documents(&deps.db, &keys).await?;
    let mut read = BTreeMap::new();
    for row in rows {
        let document = document_of(&row)?;
        let rule = rule_of(deps, &document)?;
        read.insert((row.rule, row.version), (rule, Arc::new(document)));
    }
    let terms = terms.into_iter().map(|term| in_its_time(&read, term));
    Ok(Book {
        terms: terms.collect::<Result<_, _>>()?,
    })
}

type Read = BTreeMap<(String, String), (Rule, Arc<RuleDocument>)>;

fn in_its_time(read: &Read, term: policy_term::Model) -> Result<Term, Error> {
    let key = (term.rule, term.version);
    let (rule, document) = read
        .get(&key)
        .ok_or_else(|| DbErr::RecordNotFound("a term has no rule".into()))?;
    let rule = Rule {
        valid_from: Some(term.starts_at),
        valid_until: term.ends_at,
        ..rule.clone()
    };
    Ok(Term {
        rule: Arc::new(rule),
        document: Arc::clone(document),
        starts_at: term.starts_at,
        ends_at: term.ends_at,
        rolled_back: term.rolled_back,
    })
}

/// What `row` says, as it was written.
pub(super) fn document_of(row: &policy_rule::Model) -> Result<RuleDocument, Error> {
    Ok(serde_json::from_value(row.document.clone())?)
}

/// The rule that a stored `document` says, which was checked before it was stored.
pub(super) fn rule_of(deps: &Deps, document: &RuleDocument) -> Result<Rule, Error> {
    Rule::read(document, &province(deps)?).map_err(|flaws| Error::Unfit {
        rule: document.id.clone(),
        version: document.version,
        flaws,
    })
}

/// The province that owns the policy.
pub(super) fn province(deps: &Deps) -> Result<entity::values::Division, Error> {
    Ok(deps.policy.region().try_into()?)
}

/// `version` of the rule `id`, whatever state it is in: what a dry run tries.
pub async fn version_of(deps: &Deps, id: &str, version: Version) -> Result<Option<Rule>, Error> {
    let Some(row) = store::find(&deps.db, id, version).await? else {
        return Ok(None);
    };
    Ok(Some(rule_of(deps, &document_of(&row)?)?))
}
