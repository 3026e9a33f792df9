//! What members of staff and the public get.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::{
    health_fact, risk_area, test_result,
    values::{Division, FactId, FactKind, PersonId, RiskAreaId, RiskLevel, TestResult},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    error::Error,
    requests::{FactDetail, PublicKey},
    rules::Brings,
    sources::Source,
};
use crate::regions;

/// A report on one person's sample.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TestView {
    /// Whose sample.
    person: PersonId,
    /// Laboratory and tube, as `lab/tube`.
    sample: String,
    /// How many people's samples share the tube.
    tube_size: i16,
    /// When it was taken.
    sampled_at: DateTime<Utc>,
    /// When the laboratory reported it.
    reported_at: DateTime<Utc>,
    /// What was found.
    result: TestResult,
    /// Who brought it.
    source: String,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
}

impl From<test_result::Model> for TestView {
    fn from(row: test_result::Model) -> Self {
        Self {
            person: row.person_id,
            sample: row.sample,
            tube_size: row.tube_size,
            sampled_at: row.sampled_at,
            reported_at: row.reported_at,
            result: row.result,
            source: row.source,
            recorded_at: row.recorded_at,
        }
    }
}

/// A fact about a person.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FactView {
    /// Which.
    id: FactId,
    /// Whom it is about.
    person: PersonId,
    /// What it says.
    kind: FactKind,
    /// When it happened.
    happened_at: DateTime<Utc>,
    /// When it ends. Null if it has no end.
    ends_at: Option<DateTime<Utc>>,
    /// The region whose data it is, and which alone may withdraw it.
    origin: Division,
    /// Who brought it.
    source: String,
    /// What the source calls it.
    source_ref: String,
    /// What facts of its kind have besides.
    detail: FactDetail,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
    /// How it was withdrawn. Null while it stands.
    withdrawal: Option<WithdrawalView>,
}

/// How a fact was withdrawn.
#[derive(Debug, Serialize, ToSchema)]
struct WithdrawalView {
    /// When.
    at: DateTime<Utc>,
    /// By whom: `staff/` and an id, or `source/` and a short name.
    by: String,
    /// Why.
    reason: String,
    /// What was said besides. Null if nothing.
    note: Option<String>,
}

impl FactView {
    /// The view of `row`, which was withdrawn with `note`.
    pub(super) fn new(row: health_fact::Model, note: Option<String>) -> Result<Self, Error> {
        let withdrawal = row.withdrawn_at.map(|at| WithdrawalView {
            at,
            by: row.withdrawn_by.unwrap_or_default(),
            reason: row.withdrawal_reason.unwrap_or_default(),
            note,
        });
        Ok(Self {
            id: row.id,
            person: row.person_id,
            kind: row.kind,
            happened_at: row.happened_at,
            ends_at: row.ends_at,
            origin: row.origin,
            source: row.source,
            source_ref: row.source_ref,
            detail: serde_json::from_value(row.detail)?,
            recorded_at: row.recorded_at,
            withdrawal,
        })
    }
}

/// A place with a level.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AreaView {
    /// Which.
    pub(super) id: RiskAreaId,
    /// The place: it and everything within it.
    pub(super) division: Division,
    /// Its name with those around it. Null if the code is one of no list.
    name: Option<String>,
    /// Its level.
    level: RiskLevel,
    /// Since when.
    starts_at: DateTime<Utc>,
    /// When the level ends by itself. Null if that is not decided.
    ends_at: Option<DateTime<Utc>>,
    /// When it was lifted. Null while it was not.
    lifted_at: Option<DateTime<Utc>>,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
}

impl From<risk_area::Model> for AreaView {
    fn from(row: risk_area::Model) -> Self {
        Self {
            id: row.id,
            name: regions::full_name(&row.division),
            division: row.division,
            level: row.level,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            lifted_at: row.lifted_at,
            recorded_at: row.recorded_at,
        }
    }
}

/// Who may bring files of facts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SourceView {
    /// Its short name.
    id: String,
    /// What people call it.
    name: String,
    /// The region that its facts belong to.
    division: Division,
    /// What it may bring.
    kinds: BTreeSet<Brings>,
    /// Its public key. Null if it signs nothing.
    public_key: Option<PublicKey>,
    /// Since when it is known.
    created_at: DateTime<Utc>,
    /// Since when it may bring facts. Null until somebody else approves it.
    approved_at: Option<DateTime<Utc>>,
    /// Until when. Null while it may bring facts.
    revoked_at: Option<DateTime<Utc>>,
}

impl From<Source> for SourceView {
    fn from(source: Source) -> Self {
        Self {
            id: source.id,
            name: source.name,
            division: source.division,
            kinds: source.kinds,
            public_key: source.public_key.map(PublicKey),
            created_at: source.created_at,
            approved_at: source.approved_at,
            revoked_at: source.revoked_at,
        }
    }
}
