//! Collection forms, their workers, and decisions on many of these.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::{
    values::{
        Authentication, CaseAction, CaseOutcome, Division, OrganisationId, SocialCreditCode,
        WorkEnding, WorkFormId, WorkPermitId, WorkRulingId,
    },
    work_form, work_permit, work_ruling,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::super::{form, reviewing, rules::Flaw, sealed::Content};
use crate::{http::problem::Language, notifications::Reference};

/// What is wrong with a form, or would be.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkFormCheckView)]
pub(in crate::work_permits) struct CheckView {
    /// Workers whose lines are in order.
    workers: usize,
    /// How many errors there are.
    errors: usize,
    /// The first thousand of them, line by line.
    report: Vec<FlawView>,
}

/// What is wrong at a place of a form. Never what stands there.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkFormFlawView)]
pub(in crate::work_permits) struct FlawView {
    /// The line, as a spreadsheet counts.
    line: u32,
    /// The column, as a spreadsheet calls it. Null: the line as a whole.
    column: Option<String>,
    /// What is wrong; stable.
    code: &'static str,
    /// The same in words.
    message: &'static str,
}

impl CheckView {
    pub(in crate::work_permits) fn of(workers: usize, flaws: &[Flaw], language: Language) -> Self {
        let view = |flaw: &Flaw| FlawView {
            line: flaw.line,
            column: flaw.column_letters(),
            code: flaw.kind.code(),
            message: match language {
                Language::Chinese => flaw.kind.zh(),
                Language::English => flaw.kind.en(),
            },
        };
        Self {
            workers,
            errors: flaws.len(),
            report: flaws.iter().take(form::MOST_FLAWS).map(view).collect(),
        }
    }
}

/// A collection form.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkFormView)]
pub(in crate::work_permits) struct FormView {
    /// Which.
    id: WorkFormId,
    /// Whose.
    organisation: OrganisationId,
    /// The enterprise's unified social credit code.
    credit_code: SocialCreditCode,
    /// When it was sent.
    sent_at: DateTime<Utc>,
    /// The county or district that decides first.
    division: Division,
    /// The workflow that its workers follow.
    workflow: String,
    /// How many workers it lists.
    workers: i64,
}

impl FormView {
    pub(in crate::work_permits) fn of(row: &work_form::Model) -> Self {
        Self {
            id: row.id,
            organisation: row.organisation_id,
            credit_code: row.credit_code.clone(),
            sent_at: row.sent_at,
            division: row.division.clone(),
            workflow: row.workflow.clone(),
            workers: row.workers,
        }
    }
}

/// A worker of a form, and how far that got.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkerView)]
pub(in crate::work_permits) struct WorkerView {
    /// Which.
    id: WorkPermitId,
    /// What people call it when they ask.
    reference: String,
    /// The line of the form.
    line: i64,
    /// The worker's name as bystanders may see it. Null once it was forgotten.
    masked_name: Option<String>,
    /// What the worker does. Null once it was forgotten.
    job: Option<String>,
    /// Whether somebody here is verified as the worker: before that nobody decides.
    known: bool,
    /// The stage at which the case stands. Null before it was opened and once it is over.
    stage: Option<String>,
    /// How the case ended. Null while it has not.
    outcome: Option<CaseOutcome>,
    /// Why, where it was refused: the code of one of the workflow's reasons.
    reason: Option<String>,
    /// What the data centre said. Null while it has not.
    authentication: Option<Authentication>,
    /// The number of the permit. Null without one.
    number: Option<String>,
    /// When the permit is over. Null without one.
    valid_until: Option<DateTime<Utc>>,
    /// Why it was ended before. Null where it was not.
    ending: Option<WorkEnding>,
}

impl WorkerView {
    pub(in crate::work_permits) fn of(
        row: work_permit::Model,
        content: Option<&Content>,
        stage: Option<String>,
        reason: Option<String>,
    ) -> Self {
        let reference: Reference = reviewing::reference_of(row.id);
        Self {
            id: row.id,
            reference: reference.into(),
            line: row.line,
            masked_name: content.map(Content::masked_name),
            job: content.map(|content| content.job.clone()),
            known: row.person_id.is_some(),
            stage,
            outcome: row.outcome,
            reason,
            authentication: row.authentication,
            number: row.number,
            valid_until: row.valid_until,
            ending: row.ending,
        }
    }
}

/// A decision on the workers of a form that stand at a stage.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WorkRulingRequest)]
pub(in crate::work_permits) struct RulingRequest {
    /// The stage.
    #[validate(length(min = 1, max = 32))]
    #[schema(min_length = 1, max_length = 32, example = "district")]
    pub(in crate::work_permits) stage: String,
    /// `approve` or `refuse`.
    pub(in crate::work_permits) action: CaseAction,
    /// Why: a code of the stage's reasons.
    #[validate(length(min = 1, max = 32))]
    #[serde(default)]
    #[schema(min_length = 1, max_length = 32)]
    pub(in crate::work_permits) reason: Option<String>,
    /// In words.
    #[validate(length(min = 1, max = 2000))]
    #[serde(default)]
    #[schema(min_length = 1, max_length = 2000)]
    pub(in crate::work_permits) text: Option<String>,
    /// The lines of the form that it does not concern.
    #[validate(length(max = 10_000))]
    #[serde(default)]
    #[schema(max_items = 10_000)]
    pub(in crate::work_permits) except: BTreeSet<i64>,
}

/// How far a decision on many got.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkRulingView)]
pub(in crate::work_permits) struct RulingView {
    /// Which.
    id: WorkRulingId,
    /// On which form.
    form: WorkFormId,
    /// At which stage.
    stage: String,
    /// What.
    action: CaseAction,
    /// When it was asked for.
    made_at: DateTime<Utc>,
    /// How many cases were decided.
    decided: i64,
    /// How many could not be: each is as it was.
    failed: i64,
    /// When all were looked at. Null while they have not.
    ended_at: Option<DateTime<Utc>>,
}

impl RulingView {
    pub(in crate::work_permits) fn of(row: &work_ruling::Model) -> Self {
        Self {
            id: row.id,
            form: row.form_id,
            stage: row.stage.clone(),
            action: row.action,
            made_at: row.made_at,
            decided: row.decided,
            failed: row.failed,
            ended_at: row.ended_at,
        }
    }
}
