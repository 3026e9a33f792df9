//! What is known about people from elsewhere than their own reports, tests apart.

use sea_orm::entity::prelude::*;

use crate::values::{Division, FactId, FactKind, PersonId, StaffId};

/// One fact about a person. What it says never changes: its origin may withdraw it, once. The row is
/// forgotten once it has had its effect and its time is over.
///
/// Source and reference are what makes a fact the same, so that whoever brings it twice changes
/// nothing.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "health_fact")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FactId,
    /// Whom it is about.
    #[sea_orm(indexed)]
    pub person_id: PersonId,
    /// What it says.
    pub kind: FactKind,
    /// When it happened: the last exposure, the arrival, the start.
    pub happened_at: DateTimeUtc,
    /// When it ends or ended, where it has an end.
    pub ends_at: Option<DateTimeUtc>,
    /// The region whose data it is, and which alone may withdraw it.
    pub origin: Division,
    /// Who brought it: a source of facts, or `staff`.
    #[sea_orm(unique_key = "health_fact_reference")]
    pub source: String,
    /// What the source calls it.
    #[sea_orm(unique_key = "health_fact_reference")]
    pub source_ref: String,
    /// What the kind has besides: an object.
    pub detail: Json,
    /// When it was recorded here. It has no effect before.
    pub recorded_at: DateTimeUtc,
    /// The member of staff who recorded it. Null if a file brought it.
    pub recorded_by: Option<StaffId>,
    /// When it was withdrawn, if it was. It has its effect until then.
    pub withdrawn_at: Option<DateTimeUtc>,
    /// Who withdrew it: `staff/` and an id, or `source/` and a name.
    pub withdrawn_by: Option<String>,
    /// Why, from a closed list.
    pub withdrawal_reason: Option<String>,
    /// What was said besides, sealed under the person's data key.
    pub withdrawal_note: Option<Vec<u8>>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
