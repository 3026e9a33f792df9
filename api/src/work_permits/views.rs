//! Requests and answers.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    values::{
        Authentication, CaseAction, CaseOutcome, Community, Division, EnterpriseKind,
        ObjectionReason, OrganisationId, SocialCreditCode, WorkBatchId, WorkBatchState, WorkEnding,
        WorkFormId, WorkObjectionId, WorkPermitId, WorkRulingId,
    },
    work_batch, work_enterprise, work_form, work_objection, work_permit, work_ruling,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{
    permits::WorkFace,
    rules::{Flaw, PermitStanding},
    sealed::Content,
};
use crate::{http::problem::Language, notifications::Reference};

/// An entry of the white list.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WorkEnterpriseRequest)]
pub(super) struct EnterpriseRequest {
    /// Its name, as it is to stand on permits.
    #[validate(length(min = 1, max = 40))]
    #[schema(min_length = 1, max_length = 40, example = "浦江商贸")]
    pub(super) short_name: String,
    /// The county or district that decides on its workers first.
    pub(super) division: Division,
    /// What it is.
    pub(super) kind: EnterpriseKind,
    /// For whom it works: of a contractor, and of no other.
    #[serde(default)]
    pub(super) principal: Option<SocialCreditCode>,
    /// From when on it may ask for workers.
    pub(super) listed_from: DateTime<Utc>,
    /// Until when: 366 days later at the most.
    pub(super) listed_until: DateTime<Utc>,
}

/// An entry of the white list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkEnterpriseView)]
pub(super) struct EnterpriseView {
    /// Its unified social credit code.
    credit_code: SocialCreditCode,
    /// Its name, as it stands on permits.
    short_name: String,
    /// The county or district that decides on its workers first.
    division: Division,
    /// What it is.
    kind: EnterpriseKind,
    /// For whom it works.
    principal: Option<SocialCreditCode>,
    /// From when on it may ask for workers.
    listed_from: DateTime<Utc>,
    /// Until when.
    listed_until: DateTime<Utc>,
    /// When the entry was changed last.
    changed_at: DateTime<Utc>,
}

impl From<work_enterprise::Model> for EnterpriseView {
    fn from(row: work_enterprise::Model) -> Self {
        Self {
            credit_code: row.credit_code,
            short_name: row.short_name,
            division: row.division,
            kind: row.kind,
            principal: row.principal,
            listed_from: row.listed_from,
            listed_until: row.listed_until,
            changed_at: row.changed_at,
        }
    }
}

/// What is wrong with a form, or would be.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkFormCheckView)]
pub(super) struct CheckView {
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
pub(super) struct FlawView {
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
    pub(super) fn of(workers: usize, flaws: &[Flaw], language: Language) -> Self {
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
            report: flaws
                .iter()
                .take(super::form::MOST_FLAWS)
                .map(view)
                .collect(),
        }
    }
}

/// A collection form.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkFormView)]
pub(super) struct FormView {
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
    pub(super) fn of(row: &work_form::Model) -> Self {
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
pub(super) struct WorkerView {
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
    pub(super) fn of(
        row: work_permit::Model,
        content: Option<&Content>,
        stage: Option<String>,
        reason: Option<String>,
    ) -> Self {
        let reference: Reference = super::reviewing::reference_of(row.id);
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
pub(super) struct RulingRequest {
    /// The stage.
    #[validate(length(min = 1, max = 32))]
    #[schema(min_length = 1, max_length = 32, example = "district")]
    pub(super) stage: String,
    /// `approve` or `refuse`.
    pub(super) action: CaseAction,
    /// Why: a code of the stage's reasons.
    #[validate(length(min = 1, max = 32))]
    #[serde(default)]
    #[schema(min_length = 1, max_length = 32)]
    pub(super) reason: Option<String>,
    /// In words.
    #[validate(length(min = 1, max = 2000))]
    #[serde(default)]
    #[schema(min_length = 1, max_length = 2000)]
    pub(super) text: Option<String>,
    /// The lines of the form that it does not concern.
    #[validate(length(max = 10_000))]
    #[serde(default)]
    #[schema(max_items = 10_000)]
    pub(super) except: BTreeSet<i64>,
}

/// How far a decision on many got.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkRulingView)]
pub(super) struct RulingView {
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
    pub(super) fn of(row: &work_ruling::Model) -> Self {
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

/// A batch to close.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WorkBatchRequest)]
pub(super) struct BatchRequest {
    /// The city whose workers are sent.
    pub(super) division: Division,
}

/// A batch for the data centre.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkBatchView)]
pub(super) struct BatchView {
    /// Which.
    id: WorkBatchId,
    /// Whose.
    division: Division,
    /// When it was closed.
    made_at: DateTime<Utc>,
    /// How many workers it holds.
    workers: i64,
    /// How far it got.
    state: WorkBatchState,
    /// How often it was sent.
    tries: i64,
    /// When it was sent first. Null before.
    sent_at: Option<DateTime<Utc>>,
    /// When the last answer came. Null before.
    answered_at: Option<DateTime<Utc>>,
    /// What was said of whom. Empty in lists.
    answers: Vec<BatchWorkerView>,
}

/// What the data centre said of a worker.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkBatchWorkerView)]
pub(super) struct BatchWorkerView {
    /// Who.
    permit: WorkPermitId,
    /// What. Null while it said nothing.
    authentication: Option<Authentication>,
    /// When.
    at: Option<DateTime<Utc>>,
}

impl BatchView {
    pub(super) fn of(row: work_batch::Model, workers: Vec<work_permit::Model>) -> Self {
        let answer = |row: work_permit::Model| BatchWorkerView {
            permit: row.id,
            authentication: row.authentication,
            at: row.authenticated_at,
        };
        Self {
            id: row.id,
            division: row.division,
            made_at: row.made_at,
            workers: row.workers,
            state: row.state,
            tries: row.tries,
            sent_at: row.sent_at,
            answered_at: row.answered_at,
            answers: workers.into_iter().map(answer).collect(),
        }
    }
}

/// A return that is public.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PublicReturnView {
    /// Which.
    id: WorkPermitId,
    /// The worker's name as bystanders may see it.
    masked_name: String,
    /// Who employs the worker.
    enterprise: String,
    /// The county or district where the worker lives.
    division: Option<Division>,
    /// The community there. Null where nobody named one.
    community: Option<Community>,
    /// Since when it is public.
    public_from: Option<DateTime<Utc>>,
    /// Until when somebody may object.
    public_until: Option<DateTime<Utc>>,
}

impl PublicReturnView {
    pub(super) fn of(
        row: &work_permit::Model,
        content: Option<&Content>,
        entry: Option<work_enterprise::Model>,
    ) -> Self {
        Self {
            id: row.id,
            masked_name: content.map_or_else(|| "*".to_owned(), Content::masked_name),
            enterprise: entry.map(|entry| entry.short_name).unwrap_or_default(),
            division: row.residence_division.clone(),
            community: row.residence_community.clone(),
            public_from: row.public_from,
            public_until: row.public_until,
        }
    }
}

/// An objection to a return.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReturnObjectionRequest)]
pub(super) struct ObjectionRequest {
    /// Why.
    pub(super) reason: ObjectionReason,
    /// In words, for the committee alone.
    #[validate(length(min = 1, max = 500))]
    #[serde(default)]
    #[schema(min_length = 1, max_length = 500)]
    pub(super) text: Option<String>,
}

/// An objection that was taken in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReturnObjectionView)]
pub(super) struct ObjectionTakenView {
    /// Which.
    id: WorkObjectionId,
    /// To which return.
    permit: WorkPermitId,
    /// Why.
    reason: ObjectionReason,
    /// When.
    made_at: DateTime<Utc>,
}

impl ObjectionTakenView {
    pub(super) fn of(row: &work_objection::Model) -> Self {
        Self {
            id: row.id,
            permit: row.permit_id,
            reason: row.reason,
            made_at: row.made_at,
        }
    }
}

/// A work permit, for its worker.
#[derive(Serialize, ToSchema)]
#[schema(as = WorkPermitView)]
pub(super) struct PermitView {
    /// Which.
    id: WorkPermitId,
    /// Its number, to read out.
    number: String,
    /// The worker's name as bystanders may see it.
    masked_name: String,
    /// The last four characters of the worker's document.
    document_last4: String,
    /// Who employs the worker.
    employer: String,
    /// What the worker does.
    job: String,
    /// Since when it is good.
    valid_from: DateTime<Utc>,
    /// When it stops being good.
    valid_until: DateTime<Utc>,
    /// How it stands.
    standing: PermitStanding,
    /// True if no store answers, and the colour is what was known before.
    stale: bool,
    /// The `TX1:` text to draw. Null unless the permit counts.
    token: Option<String>,
}

impl From<WorkFace> for PermitView {
    fn from(face: WorkFace) -> Self {
        Self {
            id: face.id,
            number: face.number,
            masked_name: face.masked_holder,
            document_last4: face.document_last4,
            employer: face.employer,
            job: face.job,
            valid_from: face.valid_from,
            valid_until: face.valid_until,
            standing: face.standing,
            stale: face.stale,
            token: face.token,
        }
    }
}

/// Somebody who returned, on a day (W9).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReturneeView {
    /// By which permit.
    pub(super) permit: WorkPermitId,
    /// The worker's name as bystanders may see it.
    pub(super) masked_name: Option<String>,
    /// The county or district where the worker lives. For the community alone.
    pub(super) enterprise: String,
    /// What the worker does.
    pub(super) job: Option<String>,
    /// Whether the worker checked in on the day.
    pub(super) checked_in: bool,
    /// Whether they were well then. Null unless they checked in.
    pub(super) fit: Option<bool>,
}

/// Returnees, as they were on a day.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReturneesView {
    /// The day in Asia/Shanghai.
    pub(super) day: NaiveDate,
    /// Those who hold a permit now.
    pub(super) items: Vec<ReturneeView>,
    /// Where the next page begins. Absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) next: Option<String>,
}

/// How many workers stand where.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WorkStatisticsView {
    /// When it was counted.
    pub(super) counted_at: DateTime<Utc>,
    /// Workers of forms whom nobody is known to be yet.
    pub(super) not_known: i64,
    /// Workers on whom somebody decides, stage by stage.
    pub(super) stages: Vec<StageCountView>,
    /// How cases ended.
    pub(super) outcomes: Vec<OutcomeCountView>,
    /// Permits in force.
    pub(super) in_force: i64,
}

/// How many workers stand at a stage.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkStageCountView)]
pub(super) struct StageCountView {
    /// Of which workflow.
    pub(super) workflow: String,
    /// Which stage.
    pub(super) stage: String,
    /// How many.
    pub(super) workers: i64,
    /// How many of them longer than was promised.
    pub(super) late: i64,
}

/// How many cases ended so.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkOutcomeCountView)]
pub(super) struct OutcomeCountView {
    /// How.
    pub(super) outcome: CaseOutcome,
    /// How many.
    pub(super) workers: i64,
}
