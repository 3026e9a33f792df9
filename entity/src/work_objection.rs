//! Objections to returns that were made public.

use sea_orm::entity::prelude::*;

use crate::values::{ObjectionReason, PersonId, WorkObjectionId, WorkPermitId};

/// An objection (W5). One a person and return.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "work_objection")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WorkObjectionId,
    /// To whose return.
    pub permit_id: WorkPermitId,
    /// Who objects.
    pub person_id: PersonId,
    /// When.
    pub made_at: DateTimeUtc,
    /// Why.
    pub reason: ObjectionReason,
    /// In words, sealed under the data key of who objects.
    pub text: Option<Vec<u8>>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
