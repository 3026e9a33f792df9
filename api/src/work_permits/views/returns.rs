//! Returns that are public, objections to them, and who returned.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    values::{Community, Division, ObjectionReason, WorkObjectionId, WorkPermitId},
    work_enterprise, work_objection, work_permit,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::super::sealed::Content;

/// A return that is public.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::work_permits) struct PublicReturnView {
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
    pub(in crate::work_permits) fn of(
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
pub(in crate::work_permits) struct ObjectionRequest {
    /// Why.
    pub(in crate::work_permits) reason: ObjectionReason,
    /// In words, for the committee alone.
    #[validate(length(min = 1, max = 500))]
    #[serde(default)]
    #[schema(min_length = 1, max_length = 500)]
    pub(in crate::work_permits) text: Option<String>,
}

/// An objection that was taken in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReturnObjectionView)]
pub(in crate::work_permits) struct ObjectionTakenView {
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
    pub(in crate::work_permits) fn of(row: &work_objection::Model) -> Self {
        Self {
            id: row.id,
            permit: row.permit_id,
            reason: row.reason,
            made_at: row.made_at,
        }
    }
}

/// Somebody who returned, on a day (W9).
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::work_permits) struct ReturneeView {
    /// By which permit.
    pub(in crate::work_permits) permit: WorkPermitId,
    /// The worker's name as bystanders may see it.
    pub(in crate::work_permits) masked_name: Option<String>,
    /// The county or district where the worker lives. For the community alone.
    pub(in crate::work_permits) enterprise: String,
    /// What the worker does.
    pub(in crate::work_permits) job: Option<String>,
    /// Whether the worker checked in on the day.
    pub(in crate::work_permits) checked_in: bool,
    /// Whether they were well then. Null unless they checked in.
    pub(in crate::work_permits) fit: Option<bool>,
}

/// Returnees, as they were on a day.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::work_permits) struct ReturneesView {
    /// The day in Asia/Shanghai.
    pub(in crate::work_permits) day: NaiveDate,
    /// Those who hold a permit now.
    pub(in crate::work_permits) items: Vec<ReturneeView>,
    /// Where the next page begins. Absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(in crate::work_permits) next: Option<String>,
}
