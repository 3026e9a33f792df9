//! What comparisons of permits with their records found.

use sea_orm::entity::prelude::*;

use crate::values::{PermitFault, PermitKind, ReconciliationId};

/// Something that does not fit. Nothing is mended because of it: somebody has to look.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reconciliation_finding")]
pub struct Model {
    /// The comparison.
    #[sea_orm(primary_key, auto_increment = false)]
    pub reconciliation_id: ReconciliationId,
    /// What the permit is for.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: PermitKind,
    /// Its record.
    #[sea_orm(primary_key, auto_increment = false)]
    pub record: Uuid,
    /// What does not fit.
    #[sea_orm(primary_key, auto_increment = false)]
    pub fault: PermitFault,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
