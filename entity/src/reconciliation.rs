//! Comparisons of every permit with its record.

use sea_orm::entity::prelude::*;

use crate::values::{PermitKind, ReconciliationId};

/// A comparison.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reconciliation")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReconciliationId,
    /// When it began.
    pub started_at: DateTimeUtc,
    /// When it had looked at every permit. None while it goes on.
    pub finished_at: Option<DateTimeUtc>,
    /// The kind that it looks at.
    pub kind: Option<PermitKind>,
    /// The last record of that kind that it looked at.
    pub after: Option<Uuid>,
    /// Permits that it looked at.
    pub permits: i64,
    /// What it found.
    pub findings: i64,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
