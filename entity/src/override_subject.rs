//! Whom requests to turn colours name.

use sea_orm::entity::prelude::*;

use crate::values::{FactId, OverrideId, PersonId};

/// One person of a request, and what is on record about them that it rests on.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "override_subject")]
pub struct Model {
    /// The request.
    #[sea_orm(primary_key, auto_increment = false)]
    pub override_id: OverrideId,
    /// Whom.
    #[sea_orm(primary_key, auto_increment = false, indexed)]
    pub person_id: PersonId,
    /// Which row of the request it was: counts from 0.
    pub position: i64,
    /// The evidence: `fact/` and an id, or `test/` and a sample.
    pub evidence: String,
    /// What that says, such as `close_contact`.
    pub evidence_kind: String,
    /// The fact that followed, once it is applied.
    pub fact_id: Option<FactId>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
