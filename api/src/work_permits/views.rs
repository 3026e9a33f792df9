//! Requests and answers: of the white list, of permits, and statistics.

mod batches;
mod forms;
mod returns;

use chrono::{DateTime, Utc};
use entity::{
    values::{CaseOutcome, Division, EnterpriseKind, SocialCreditCode, WorkPermitId},
    work_enterprise,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

pub(super) use batches::{BatchRequest, BatchView};
pub(super) use forms::{CheckView, FormView, RulingRequest, RulingView, WorkerView};
pub(super) use returns::{
    ObjectionRequest, ObjectionTakenView, PublicReturnView, ReturneeView, ReturneesView,
};

use super::{permits::WorkFace, rules::PermitStanding};

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
