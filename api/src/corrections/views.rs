//! Corrections in words.

use chrono::{DateTime, Utc};
use entity::{
    correction::Model,
    values::{CorrectionId, CorrectionState, Division, Mistake, PersonId, Refusal},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::{error::Error, records::RecordView, rules};
use crate::{
    http::body::visible_ascii,
    notifications::Reference,
    platform::vault::{Column, DataKey},
    regions,
};

pub(super) const CONTENT: Column = Column("correction.content");
pub(super) const ANSWER: Column = Column("correction.answer");

/// What people call a correction begins with this.
pub(super) const REFERENCE: &str = "JC";

/// What is wrong in what is recorded.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CorrectionRequest {
    /// Whose record: oneself or a dependant.
    pub(super) person: PersonId,
    /// The record, as the reasons of the code name it: `fact/…` or `test/…`.
    #[validate(length(min = 1, max = 96), custom(function = "visible_ascii"))]
    #[schema(min_length = 1, max_length = 96, pattern = "^[!-~]+$")]
    pub(super) record: String,
    /// What is wrong with it.
    pub(super) mistake: Mistake,
    /// The same in one's own words.
    #[validate(length(min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    pub(super) text: String,
    /// What shows it, such as the number of another laboratory's report. Null if nothing.
    #[validate(length(min = 1, max = 500))]
    #[serde(default)]
    #[schema(min_length = 1, max_length = 500)]
    pub(super) evidence: Option<String>,
}

/// What somebody wrote, as it is kept.
#[derive(Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) text: String,
    pub(super) evidence: Option<String>,
}

/// How somebody may decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum DecisionKind {
    /// The record is wrong: it is taken back.
    Upheld,
    /// The record stands.
    Refused,
}

/// A decision on a correction.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "reason_for_a_refusal"))]
pub(super) struct DecisionRequest {
    /// What is decided.
    pub(super) decision: DecisionKind,
    /// Why the record stands. Asked for where it does, and only there.
    #[serde(default)]
    pub(super) refusal: Option<Refusal>,
    /// What the person is told about it.
    #[validate(length(min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    pub(super) text: String,
}

fn reason_for_a_refusal(request: &DecisionRequest) -> Result<(), ValidationError> {
    let refused = request.decision == DecisionKind::Refused;
    (refused == request.refusal.is_some())
        .then_some(())
        .ok_or_else(|| ValidationError::new("refusal"))
}

impl DecisionRequest {
    pub(super) fn verdict(&self) -> rules::Verdict {
        self.refusal
            .map_or(rules::Verdict::Upheld, rules::Verdict::Refused)
    }
}

/// A region by its code and its name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CorrectionOriginView)]
pub(super) struct OriginView {
    /// Its code.
    division: Division,
    /// Its name with those around it. Empty for a code that nobody assigned.
    name: String,
}

impl OriginView {
    fn of(division: &Division) -> Self {
        Self {
            name: regions::full_name(division).unwrap_or_default(),
            division: division.clone(),
        }
    }
}

/// A correction, for whom it is about.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CorrectionView {
    /// Which.
    id: CorrectionId,
    /// The same, to read out on the phone.
    reference: String,
    /// Whose record.
    person: PersonId,
    /// Who filed it.
    filed_by: PersonId,
    /// When.
    filed_at: DateTime<Utc>,
    /// The record.
    record: String,
    /// What is wrong with it.
    mistake: Mistake,
    /// The same in one's own words.
    text: String,
    /// What shows it. Null if nothing was given.
    evidence: Option<String>,
    /// The region that alone may take the record back. Null where that is the region of residence.
    origin: Option<OriginView>,
    /// Until when it is to be decided.
    due_at: DateTime<Utc>,
    /// Whether that passed a year whose holidays are not known yet, so that it may move.
    provisional: bool,
    /// How far it got.
    state: CorrectionState,
    /// When it was decided. Null while it is open.
    decided_at: Option<DateTime<Utc>>,
    /// Why the record stands. Null while it is open, and where it was upheld.
    refusal: Option<Refusal>,
    /// What the reviewer says about it. Null while it is open.
    answer: Option<String>,
}

impl CorrectionView {
    /// The view of `row`, whose words open with the person's `key`.
    pub(super) fn open(row: &Model, key: &DataKey) -> Result<Self, Error> {
        let place = row.id.0.as_bytes();
        let content = key.open(CONTENT.owned_by(place), &row.content)?;
        let Content { text, evidence } = serde_json::from_slice(&content)?;
        let answer = row.answer.as_deref();
        let answer = answer.map(|answer| key.open_text(ANSWER.owned_by(place), answer));
        Ok(Self {
            id: row.id,
            reference: Reference::of(REFERENCE, row.id.0).into(),
            person: row.person_id,
            filed_by: row.filed_by,
            filed_at: row.filed_at,
            record: row.record.clone(),
            mistake: row.mistake,
            text,
            evidence,
            origin: row.origin.as_ref().map(OriginView::of),
            due_at: row.due_at,
            provisional: row.provisional,
            state: row.state,
            decided_at: row.decided_at,
            refusal: row.refusal,
            answer: answer.transpose()?.map(|answer| answer.to_string()),
        })
    }
}

/// A correction that waits, as lists show it: without anybody's words.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WaitingView {
    /// Which.
    id: CorrectionId,
    /// The same, to read out on the phone.
    reference: String,
    /// When it was filed.
    filed_at: DateTime<Utc>,
    /// Until when it is to be decided.
    due_at: DateTime<Utc>,
    /// Whether that passed a year whose holidays are not known yet.
    provisional: bool,
    /// Where the person lives.
    division: Division,
    /// The region that alone may take the record back. Null where that is the region of residence.
    origin: Option<OriginView>,
    /// The record.
    record: String,
    /// What is wrong with it.
    mistake: Mistake,
}

impl From<&Model> for WaitingView {
    fn from(row: &Model) -> Self {
        Self {
            id: row.id,
            reference: Reference::of(REFERENCE, row.id.0).into(),
            filed_at: row.filed_at,
            due_at: row.due_at,
            provisional: row.provisional,
            division: row.division.clone(),
            origin: row.origin.as_ref().map(OriginView::of),
            record: row.record.clone(),
            mistake: row.mistake,
        }
    }
}

/// A correction, for whoever decides.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CaseView {
    /// The correction.
    pub(super) correction: CorrectionView,
    /// The person's name as bystanders may see it. Null until it is verified.
    pub(super) masked_name: Option<String>,
    /// The record as it is now. Null if it was taken back meanwhile.
    pub(super) found: Option<RecordView>,
}
