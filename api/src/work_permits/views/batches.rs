//! Batches for the data centre.

use chrono::{DateTime, Utc};
use entity::{
    values::{Authentication, Division, WorkBatchId, WorkBatchState, WorkPermitId},
    work_batch, work_permit,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// A batch to close.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WorkBatchRequest)]
pub(in crate::work_permits) struct BatchRequest {
    /// The city whose workers are sent.
    pub(in crate::work_permits) division: Division,
}

/// A batch for the data centre.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkBatchView)]
pub(in crate::work_permits) struct BatchView {
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
pub(in crate::work_permits) struct BatchWorkerView {
    /// Who.
    permit: WorkPermitId,
    /// What. Null while it said nothing.
    authentication: Option<Authentication>,
    /// When.
    at: Option<DateTime<Utc>>,
}

impl BatchView {
    pub(in crate::work_permits) fn of(
        row: work_batch::Model,
        workers: Vec<work_permit::Model>,
    ) -> Self {
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
