//! What is recorded of cases and who decides them.

use chrono::{DateTime, Utc};
use entity::values::{
    Area, CaseAction, CaseId, CaseOutcome, CaseSubject, ContactId, ContactMeans, ContactResult,
    StaffId,
};
use serde::Serialize;

/// What happened to cases and who decides them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", content = "detail", rename_all = "snake_case")]
pub enum CaseEvent {
    /// A version of a workflow was saved.
    WorkflowSaved {
        /// Which workflow.
        workflow: String,
        /// Which version.
        version: i64,
    },
    /// A case was opened.
    CaseOpened {
        /// Which.
        case: CaseId,
        /// What it is about.
        subject: CaseSubject,
        /// The workflow that it follows.
        workflow: String,
        /// The version of it.
        version: i64,
    },
    /// Something was done to a case.
    CaseMoved {
        /// Which.
        case: CaseId,
        /// Which step of it.
        turn: i64,
        /// What was done.
        action: CaseAction,
        /// At which stage.
        stage: String,
        /// The stage after it.
        stage_after: Option<String>,
        /// How it ended, where it did.
        outcome: Option<CaseOutcome>,
        /// In whose place, where it was delegated.
        instead_of: Option<StaffId>,
    },
    /// Somebody tried to reach the applicant.
    CaseContact {
        /// Of which case.
        case: CaseId,
        /// Which attempt.
        contact: ContactId,
        /// How.
        means: ContactMeans,
        /// What came of it.
        result: ContactResult,
    },
    /// Whoever decides was reminded that time runs out, or ran out.
    CaseReminded {
        /// Of which case.
        case: CaseId,
        /// At which stage.
        stage: String,
    },
    /// A limit was reached without an opinion: it is booked on who was responsible.
    PromiseBroken {
        /// Of which case.
        case: CaseId,
        /// At which stage.
        stage: String,
        /// Who was responsible.
        area: Area,
        /// The limit.
        due_at: DateTime<Utc>,
    },
    /// By the calendar as it was announced later, a limit was not reached that was booked as reached.
    BreachCorrected {
        /// Of which case.
        case: CaseId,
        /// At which stage.
        stage: String,
        /// On whom it was booked.
        area: Area,
        /// The limit that was booked.
        due_at: DateTime<Utc>,
        /// The limit by that calendar.
        corrected_to: DateTime<Utc>,
    },
    /// A member of staff read a case.
    CaseRead {
        /// Which.
        case: CaseId,
    },
    /// A member of staff took a case on.
    CaseClaimed {
        /// Which.
        case: CaseId,
    },
    /// A case is nobody's in particular any more.
    CaseReleased {
        /// Which.
        case: CaseId,
    },
    /// A case was given to a member of staff.
    CaseAssigned {
        /// Which.
        case: CaseId,
        /// Whom.
        to: StaffId,
    },
}
