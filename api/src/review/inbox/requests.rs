//! What members of staff ask for.

use std::collections::BTreeSet;

use entity::values::{CaseAction, CaseId, ContactMeans, ContactResult, StaffId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::super::Move;

/// What members of staff do to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum StaffAction {
    /// Grant what was asked for.
    Approve,
    /// Refuse it.
    Refuse,
    /// Ask the applicant for something.
    Ask,
    /// Hand it to whoever is above.
    Escalate,
}

impl From<StaffAction> for CaseAction {
    fn from(action: StaffAction) -> Self {
        match action {
            StaffAction::Approve => Self::Approve,
            StaffAction::Refuse => Self::Refuse,
            StaffAction::Ask => Self::Ask,
            StaffAction::Escalate => Self::Escalate,
        }
    }
}

/// What is done to a case.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ActionRequest {
    /// What.
    action: StaffAction,
    /// Why, from the closed list of the stage. Where the action takes a reason.
    #[validate(length(min = 1, max = 32))]
    #[serde(default)]
    #[schema(min_length = 1, max_length = 32)]
    reason: Option<String>,
    /// What the applicant is told. Where the action takes words.
    #[validate(length(min = 1, max = 2000))]
    #[serde(default)]
    #[schema(min_length = 1, max_length = 2000)]
    text: Option<String>,
}

impl ActionRequest {
    /// The move that it asks for.
    pub(super) fn wanted(&self) -> Move {
        Move {
            action: self.action.into(),
            reason: self.reason.clone(),
            text: self.text.clone(),
        }
    }
}

/// What is done to one of several cases.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DecisionEntry {
    /// Which case.
    pub(super) case: CaseId,
    /// What is done to it.
    #[validate(nested)]
    pub(super) decision: ActionRequest,
}

/// Several decisions at once, each of them its own.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DecisionsRequest {
    /// The decisions, about different cases.
    #[validate(
        length(min = 1, max = 100),
        nested,
        custom(function = "of_different_cases")
    )]
    #[schema(min_items = 1, max_items = 100)]
    pub(super) decisions: Vec<DecisionEntry>,
}

fn of_different_cases(entries: &[DecisionEntry]) -> Result<(), ValidationError> {
    let different: BTreeSet<_> = entries.iter().map(|entry| entry.case).collect();
    (different.len() == entries.len())
        .then_some(())
        .ok_or_else(|| ValidationError::new("duplicate"))
}

/// Whose a case is to be.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AssigneeRequest {
    /// Who can decide it. Null: nobody in particular.
    pub(super) account_id: Option<StaffId>,
}

/// An attempt to reach the applicant, made now.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ContactRequest {
    /// How.
    pub(super) means: ContactMeans,
    /// What came of it.
    pub(super) result: ContactResult,
    /// A note, for colleagues.
    #[validate(length(min = 1, max = 2000))]
    #[serde(default)]
    #[schema(min_length = 1, max_length = 2000)]
    pub(super) note: Option<String>,
}
