//! What is answered about comparisons.

use chrono::{DateTime, Utc};
use entity::{
    reconciliation, reconciliation_finding,
    values::{PermitFault, PermitKind, ReconciliationId},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A comparison of every permit with its record.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reconciliation)]
pub(super) struct ReconciliationView {
    /// Which.
    id: ReconciliationId,
    /// When it began.
    started_at: DateTime<Utc>,
    /// When it had looked at every permit. Null while it goes on.
    finished_at: Option<DateTime<Utc>>,
    /// Permits that it looked at.
    permits: i64,
    /// What it found.
    findings: i64,
}

impl From<reconciliation::Model> for ReconciliationView {
    fn from(run: reconciliation::Model) -> Self {
        Self {
            id: run.id,
            started_at: run.started_at,
            finished_at: run.finished_at,
            permits: run.permits,
            findings: run.findings,
        }
    }
}

/// Something that does not fit. Nothing was mended because of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReconciliationFinding)]
pub(super) struct FindingView {
    /// What the permit is for.
    kind: PermitKind,
    /// Which permit.
    record: Uuid,
    /// What does not fit.
    fault: PermitFault,
}

impl From<reconciliation_finding::Model> for FindingView {
    fn from(found: reconciliation_finding::Model) -> Self {
        Self {
            kind: found.kind,
            record: found.record,
            fault: found.fault,
        }
    }
}
