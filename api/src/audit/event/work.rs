//! What is recorded of the return to work.

use chrono::{DateTime, Utc};
use entity::values::{
    Authentication, CaseAction, OrganisationId, SocialCreditCode, WorkBatchId, WorkEnding,
    WorkFormId, WorkObjectionId, WorkPermitId, WorkRulingId,
};
use serde::Serialize;

/// What happened on somebody's way back to work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", content = "detail", rename_all = "snake_case")]
pub enum WorkEvent {
    /// An enterprise was put on the white list, or something else of its entry was changed.
    EnterpriseListed {
        /// Which.
        credit_code: SocialCreditCode,
        /// Until when it is on the list.
        until: DateTime<Utc>,
    },
    /// A collection form was taken in.
    WorkFormTaken {
        /// Which.
        form: WorkFormId,
        /// Whose.
        organisation: OrganisationId,
        /// How many workers it lists.
        workers: u64,
    },
    /// A case was opened about a worker of a form.
    WorkerKnown {
        /// Which row of it.
        permit: WorkPermitId,
    },
    /// A decision on many workers of a form was asked for.
    WorkRulingMade {
        /// Which.
        ruling: WorkRulingId,
        /// On which form.
        form: WorkFormId,
        /// What.
        action: CaseAction,
    },
    /// The city closed a batch.
    WorkBatchClosed {
        /// Which.
        batch: WorkBatchId,
        /// How many workers it holds.
        workers: u64,
    },
    /// The data centre answered about a worker.
    WorkerAuthenticated {
        /// Which row.
        permit: WorkPermitId,
        /// What it says.
        answer: Authentication,
    },
    /// Somebody objected to a return.
    ReturnObjectedTo {
        /// Which objection.
        objection: WorkObjectionId,
        /// To whose return.
        permit: WorkPermitId,
    },
    /// A permit was issued.
    WorkPermitIssued {
        /// Which.
        permit: WorkPermitId,
    },
    /// A permit, or the application for it, was ended before its time.
    WorkPermitEnded {
        /// Which.
        permit: WorkPermitId,
        /// Why.
        ending: WorkEnding,
    },
}
