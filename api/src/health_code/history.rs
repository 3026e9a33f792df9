//! When what somebody's code shows changed, and why (S26).
//!
//! The audit log can be appended to and not read, so what people may read of it stands in a table of
//! its own, written in the transaction of the change.

mod store;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::{
    colour_change, colour_change_rule,
    values::{Colour, HoldId, PersonId, ReasonCode},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    error::Error,
    found::{FoundKind, RegionView},
    rules::{Held, What},
    snapshot::{Snapshot, SnapshotReason},
    views::words_for,
};
use crate::{
    deps::Deps,
    http::{page::Page, problem::Language},
    policy::Rule,
};

/// What is kept of one change.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Because {
    /// What stood then, worst first.
    reasons: Vec<Standing>,
    /// The causes that held then.
    holding: Vec<HoldId>,
    /// The causes that began to hold since the change before.
    opened: Vec<Cause>,
    /// The causes that ceased to hold since the change before.
    released: Vec<Cause>,
}

/// A reason that stood.
#[derive(Debug, Serialize, Deserialize)]
struct Standing {
    code: ReasonCode,
    rule: String,
    rule_version: String,
    source_region: String,
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
}

impl Standing {
    fn of(reason: &SnapshotReason) -> Self {
        Self {
            code: reason.code,
            rule: reason.rule.clone(),
            rule_version: reason.rule_version.clone(),
            source_region: reason.source_region.clone(),
            since: reason.since,
            until: reason.until,
        }
    }
}

/// A cause that began or ceased to hold.
#[derive(Debug, Serialize, Deserialize)]
struct Cause {
    code: ReasonCode,
    rule: String,
    rule_version: String,
    found_in: FoundKind,
    found_at: Option<DateTime<Utc>>,
    source_region: String,
    by: Option<String>,
}

impl Cause {
    fn of(held: &Held) -> Self {
        Self {
            code: held.reason,
            rule: held.rule.clone(),
            rule_version: held.rule_version.clone(),
            found_in: FoundKind::of(held.found.as_ref(), &held.evidence),
            found_at: held.found.as_ref().map(What::at),
            source_region: held.source_region.clone(),
            by: held.released.as_ref().map(|released| released.by.clone()),
        }
    }
}

/// The causes that stood at a change whose history keeps `reasons`, worst first, each with the id of the rule that
/// found it.
pub fn causes_at_change(reasons: Value) -> serde_json::Result<Vec<(ReasonCode, String)>> {
    let because: Because = serde_json::from_value(reasons)?;
    let causes = because.reasons.into_iter();
    Ok(causes.map(|cause| (cause.code, cause.rule)).collect())
}

/// How many people came to show another colour since `since` because of a version of a rule.
pub(super) async fn changed_by(
    db: &impl ConnectionTrait,
    rule: (&str, &str),
    since: DateTime<Utc>,
) -> Result<u64, DbErr> {
    store::changed_by(db, rule, since).await
}

/// Keep that `person` would not show what `outcome` says without each of `rules`.
pub(super) async fn note_causes(
    tx: &DatabaseTransaction,
    person: PersonId,
    outcome: &Snapshot,
    rules: Vec<&Arc<Rule>>,
) -> Result<(), DbErr> {
    let rows = rules.into_iter().map(|rule| colour_change_rule::Model {
        rule: rule.id.clone(),
        rule_version: rule.version.to_string(),
        person_id: person,
        version: outcome.version,
        at: outcome.decided_at,
    });
    store::insert_causes(tx, rows.collect()).await
}

/// Keep that `person` shows what `outcome` says rather than `from`, as part of the transaction `tx`
/// that opened and released what the change comes from. `holds` are theirs, those of before among them.
pub(super) async fn note(
    tx: &DatabaseTransaction,
    person: PersonId,
    from: Colour,
    outcome: &Snapshot,
    holds: &[Held],
) -> Result<(), Error> {
    let before = match store::newest(tx, person).await? {
        Some(row) => serde_json::from_value(row.reasons)?,
        None => Because::default(),
    };
    let row = colour_change::Model {
        person_id: person,
        version: outcome.version,
        at: outcome.decided_at,
        colour_before: from,
        colour_after: outcome.colour,
        reasons: serde_json::to_value(before.and_then(outcome, holds))?,
    };
    Ok(store::insert(tx, row).await?)
}

impl Because {
    /// What is to be kept of the change that follows this one.
    fn and_then(&self, outcome: &Snapshot, holds: &[Held]) -> Self {
        let held_before = |held: &&Held| self.holding.contains(&held.id);
        let (active, ended): (Vec<&Held>, Vec<&Held>) =
            holds.iter().partition(|held| held.is_active());
        let opened = active.iter().filter(|held| !held_before(held));
        let released = ended.iter().filter(|held| held_before(held));
        Self {
            reasons: outcome.reasons.iter().map(Standing::of).collect(),
            opened: opened.map(|held| Cause::of(held)).collect(),
            released: released.map(|held| Cause::of(held)).collect(),
            holding: active.iter().map(|held| held.id).collect(),
        }
    }
}

/// A change of what a code shows.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ColourChangeView {
    /// The version of the assessment that found it: grows with each change.
    version: i64,
    /// When.
    at: DateTime<Utc>,
    /// What was shown before.
    from: Colour,
    /// What has been shown since.
    to: Colour,
    /// The reasons that stood then, worst first. Empty for green.
    reasons: Vec<PastReasonView>,
    /// The causes that began to hold since the change before.
    opened: Vec<PastCauseView>,
    /// The causes that ceased to hold since the change before.
    released: Vec<PastCauseView>,
}

/// A reason that stood at a change.
#[derive(Debug, Serialize, ToSchema)]
struct PastReasonView {
    /// The cause.
    code: ReasonCode,
    /// The cause in words.
    text: &'static str,
    /// The rule that found it.
    rule: String,
    /// The version of the rule.
    rule_version: String,
    /// The region whose data it comes from.
    source_region: RegionView,
    /// Since when. Null for a cause without a beginning on record.
    since: Option<DateTime<Utc>>,
    /// The earliest end, where the rule sets a length.
    until: Option<DateTime<Utc>>,
}

/// A cause that began or ceased to hold.
#[derive(Debug, Serialize, ToSchema)]
struct PastCauseView {
    /// The cause.
    code: ReasonCode,
    /// The rule that found it.
    rule: String,
    /// The version of the rule.
    rule_version: String,
    /// What kind of fact it was found in.
    found_in: FoundKind,
    /// When that happened. Null where that was not kept.
    found_at: Option<DateTime<Utc>>,
    /// The region whose data it comes from.
    source_region: RegionView,
    /// What released it: a record of the person's, or a rule with its version. Null where it began.
    released_by: Option<String>,
}

impl ColourChangeView {
    fn of(row: colour_change::Model, language: Language) -> Result<Self, Error> {
        let because: Because = serde_json::from_value(row.reasons)?;
        let reason = |reason: Standing| PastReasonView {
            code: reason.code,
            text: words_for(reason.code).0.in_language(language),
            rule: reason.rule,
            rule_version: reason.rule_version,
            source_region: RegionView::of(&reason.source_region),
            since: reason.since,
            until: reason.until,
        };
        Ok(Self {
            version: row.version,
            at: row.at,
            from: row.colour_before,
            to: row.colour_after,
            reasons: because.reasons.into_iter().map(reason).collect(),
            opened: because.opened.into_iter().map(Into::into).collect(),
            released: because.released.into_iter().map(Into::into).collect(),
        })
    }
}

impl From<Cause> for PastCauseView {
    fn from(cause: Cause) -> Self {
        Self {
            code: cause.code,
            rule: cause.rule,
            rule_version: cause.rule_version,
            found_in: cause.found_in,
            found_at: cause.found_at,
            source_region: RegionView::of(&cause.source_region),
            released_by: cause.by,
        }
    }
}

/// `person`'s changes, newest first, from below the version `before`.
pub(super) async fn list(
    deps: &Deps,
    person: PersonId,
    before: Option<i64>,
    limit: u64,
    language: Language,
) -> Result<Page<ColourChangeView>, Error> {
    let rows = store::changes(&deps.db, person, before, limit + 1).await?;
    let page = Page::cut(rows, limit, |last: &colour_change::Model| {
        last.version.to_string()
    });
    page.try_map(|row| ColourChangeView::of(row, language))
}
