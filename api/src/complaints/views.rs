//! Complaints in words.

use chrono::{DateTime, Utc};
use entity::{
    complaint::Model,
    review_case, review_step,
    values::{
        Area, CaseAction, CaseId, CaseOutcome, CaseState, CaseSubject, ComplaintId, ComplaintKind,
        PersonId,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::error::Error;
use crate::{
    notifications::Reference,
    platform::vault::{Column, DataKey},
    review,
};

pub(super) const CONTENT: Column = Column("complaint.content");

/// What somebody complains of.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ComplaintRequest {
    /// The case of the application that was handled so.
    pub(super) case: CaseId,
    /// What of.
    pub(super) kind: ComplaintKind,
    /// The same in one's own words.
    #[validate(length(min = 1, max = 1000))]
    #[schema(min_length = 1, max_length = 1000)]
    pub(super) text: String,
}

/// A complaint, for who made it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ComplaintView {
    /// Which.
    id: ComplaintId,
    /// The same, to read out on the phone.
    reference: String,
    /// Whose application it is about.
    person: PersonId,
    /// Who complained.
    filed_by: PersonId,
    /// When.
    filed_at: DateTime<Utc>,
    /// The case of the application.
    case: CaseId,
    /// What of.
    kind: ComplaintKind,
    /// The same in one's own words.
    text: String,
    /// The unit that it is about.
    against: Area,
    /// Who deals with it, or did.
    handled_by: Area,
    /// Whom it waits for.
    state: CaseState,
    /// Until when whoever deals with it has to answer. Null once it is closed.
    due_at: Option<DateTime<Utc>>,
    /// Whether that passed a year whose holidays are not known yet, so that it may move.
    provisional: bool,
    /// How it ended: `approved` if it was upheld, `refused` if not. Null while it is open.
    outcome: Option<CaseOutcome>,
    /// When it did. Null while it is open.
    closed_at: Option<DateTime<Utc>>,
    /// What the authority answers. Null until it does.
    answer: Option<String>,
}

/// A complaint with its own case, and the step that closed it.
pub(super) struct Told<'a> {
    pub(super) row: &'a Model,
    pub(super) case: &'a review_case::Model,
    pub(super) last: Option<&'a review_step::Model>,
}

impl ComplaintView {
    /// The view of what was `told`, whose words open with the person's `key`.
    pub(super) fn open(told: &Told<'_>, key: &DataKey) -> Result<Self, Error> {
        let Told { row, case, last } = told;
        let answer = last.map(|step| review::text_of(step, key)).transpose()?;
        Ok(Self {
            id: row.id,
            reference: reference(row.id).into(),
            person: row.person_id,
            filed_by: row.filed_by,
            filed_at: row.filed_at,
            case: row.case_id,
            kind: row.kind,
            text: words(row, key)?,
            against: row.against.clone(),
            handled_by: case.area.clone(),
            state: case.state,
            due_at: case.due_at,
            provisional: case.provisional,
            outcome: case.outcome,
            closed_at: case.closed_at,
            answer: answer.flatten().map(|answer| answer.to_string()),
        })
    }
}

/// How people call a complaint on the phone.
pub(super) fn reference(id: ComplaintId) -> Reference {
    Reference::of("TS", id.0)
}

/// What somebody wrote.
pub(super) fn words(row: &Model, key: &DataKey) -> Result<String, Error> {
    let place = CONTENT.owned_by(row.id.0.as_bytes());
    Ok(key.open_text(place, &row.content)?.to_string())
}

/// A complaint, for whoever decides on it.
#[derive(Debug, Serialize)]
pub(super) struct ShownView {
    /// Which.
    pub(super) complaint: ComplaintId,
    /// What of.
    pub(super) kind: ComplaintKind,
    /// In the person's words.
    pub(super) text: String,
    /// When it was filed.
    pub(super) filed_at: DateTime<Utc>,
    /// Whether somebody else filed it for the person.
    pub(super) filed_for_another: bool,
    /// The unit that it is about.
    pub(super) against: Area,
    /// The application, as far as it got.
    pub(super) about: AboutView,
}

/// The case that is complained about.
#[derive(Debug, Serialize)]
pub(super) struct AboutView {
    /// Which.
    pub(super) case: CaseId,
    /// How people call it.
    pub(super) reference: Option<String>,
    /// What it is about.
    pub(super) subject: CaseSubject,
    /// When it was opened.
    pub(super) opened_at: DateTime<Utc>,
    /// The stage that it is at, or ended at.
    pub(super) stage: String,
    /// Whom it waits for.
    pub(super) state: CaseState,
    /// When a limit was reached first without an opinion.
    pub(super) late_since: Option<DateTime<Utc>>,
    /// How it ended.
    pub(super) outcome: Option<CaseOutcome>,
    /// Its steps, in order: without anybody's words or names.
    pub(super) steps: Vec<StepView>,
}

/// A step of the case that is complained about.
#[derive(Debug, Serialize)]
pub(super) struct StepView {
    at: DateTime<Utc>,
    action: CaseAction,
    stage: String,
    stage_after: Option<String>,
    reason: Option<String>,
    by: &'static str,
}

impl From<&review_step::Model> for StepView {
    fn from(step: &review_step::Model) -> Self {
        Self {
            at: step.at,
            action: step.action,
            stage: step.stage.clone(),
            stage_after: step.stage_after.clone(),
            reason: step.reason.clone(),
            by: match (step.account_id, step.person_id) {
                (Some(_), _) => "authority",
                (None, Some(_)) => "applicant",
                (None, None) => "system",
            },
        }
    }
}
