//! Control actions in words.

use chrono::{DateTime, Utc};
use entity::{
    control_action::Model,
    review_case,
    values::{
        CaseOutcome, CaseState, CheckpointId, ControlActionId, Division, PersonId, RefusalReason,
        VenueId,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    http::problem::Language,
    notifications::Reference,
    platform::vault::{Column, DataKey, Sealed},
    review::rules::Stage,
};

/// What whoever reported it wrote.
pub(super) const WORDS: Column = Column("control_action.words");

/// How people call a control action on the phone.
pub(super) fn reference(id: ControlActionId) -> Reference {
    Reference::of("GK", id.0)
}

/// Somebody who was turned away.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RefusalRequest {
    /// The text of the code that they showed. Left out where they showed none.
    #[validate(length(min = 1, max = 1200))]
    #[schema(min_length = 1, max_length = 1200)]
    #[serde(default)]
    pub(super) code: Option<String>,
    /// Why.
    pub(super) reason: RefusalReason,
    /// What the headquarters should know: where they showed no code, whom to look for.
    #[validate(length(min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    #[serde(default)]
    pub(super) words: Option<String>,
}

/// How far the headquarters got.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ControlActionProgressView)]
pub(super) struct ProgressView {
    /// In words.
    #[schema(example = "Reported, to be contacted")]
    stage: String,
    /// Whom it waits for.
    state: CaseState,
    /// Until when the next step is due. Null once it is closed.
    due_at: Option<DateTime<Utc>>,
    /// How it ended: `approved` if something was done, `refused` if nothing had to be. Null until then.
    outcome: Option<CaseOutcome>,
    /// When it did. Null until then.
    closed_at: Option<DateTime<Utc>>,
}

impl ProgressView {
    pub(super) fn of(case: &review_case::Model, stage: &Stage, language: Language) -> Self {
        let title = match language {
            Language::Chinese => &stage.title.zh,
            Language::English => &stage.title.en,
        };
        Self {
            stage: title.clone(),
            state: case.state,
            due_at: case.due_at,
            outcome: case.outcome,
            closed_at: case.closed_at,
        }
    }
}

/// Somebody who was turned away, for the staff of the venue.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RefusalView {
    /// Which report.
    id: ControlActionId,
    /// The same, to read out on the phone.
    reference: String,
    /// When.
    reported_at: DateTime<Utc>,
    /// Why.
    reason: RefusalReason,
    /// Whether it is known who it was.
    known: bool,
    /// How far the headquarters got.
    progress: ProgressView,
}

impl From<(Model, ProgressView)> for RefusalView {
    fn from((row, progress): (Model, ProgressView)) -> Self {
        Self {
            id: row.id,
            reference: reference(row.id).into(),
            reported_at: row.reported_at,
            reason: row.reason,
            known: row.person_id.is_some(),
            progress,
        }
    }
}

/// That one was turned away and the headquarters was told, for oneself.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ControlActionView {
    /// Which report.
    id: ControlActionId,
    /// The same, to read out on the phone.
    reference: String,
    /// When.
    reported_at: DateTime<Utc>,
    /// Why.
    reason: RefusalReason,
    /// At whose door. Null where it was a post on the road.
    venue: Option<String>,
    /// The county or district whose headquarters handles it.
    division: Division,
    /// How far it got.
    progress: ProgressView,
}

impl ControlActionView {
    pub(super) fn of(row: &Model, venue: Option<String>, progress: ProgressView) -> Self {
        Self {
            id: row.id,
            reference: reference(row.id).into(),
            reported_at: row.reported_at,
            reason: row.reason,
            venue,
            division: row.division.clone(),
            progress,
        }
    }
}

/// A control action, for whoever handles it.
#[derive(Debug, Serialize)]
pub(super) struct ShownView {
    pub(super) control_action: ControlActionId,
    pub(super) reported_at: DateTime<Utc>,
    pub(super) reason: RefusalReason,
    /// What was added to it.
    pub(super) words: Option<String>,
    pub(super) division: Division,
    pub(super) venue: Option<PlaceView>,
    pub(super) checkpoint: Option<CheckpointId>,
    /// Whether a device reported it.
    pub(super) by_device: bool,
    /// Who was turned away. Null where nobody knows.
    pub(super) person: Option<ConcernedView>,
}

/// Where it happened.
#[derive(Debug, Serialize)]
pub(super) struct PlaceView {
    pub(super) id: VenueId,
    pub(super) name: String,
    pub(super) address: String,
}

/// Who was turned away.
#[derive(Debug, Serialize)]
pub(super) struct ConcernedView {
    pub(super) id: PersonId,
    pub(super) masked_name: Option<String>,
    /// Where they can be called.
    pub(super) telephone: Option<String>,
}

/// What `row` says in words, opened with `key`.
pub(super) fn words(row: &Model, key: &DataKey) -> Result<Option<String>, Sealed> {
    let place = WORDS.owned_by(row.id.0.as_bytes());
    let opened = row
        .words
        .as_deref()
        .map(|sealed| key.open_text(place, sealed));
    Ok(opened.transpose()?.map(|words| words.to_string()))
}
