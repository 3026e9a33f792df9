//! People whose colour needs another look.

use sea_orm::entity::prelude::*;

use crate::values::PersonId;

/// Something was recorded that may alter this person's colour. The row is the job.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recheck_mark")]
pub struct Model {
    /// Whose colour.
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_id: PersonId,
    /// Grows with each mark, so that a mark made during a look survives it.
    pub generation: i64,
    /// When to look: pushed forward while somebody looks.
    #[sea_orm(indexed)]
    pub due_at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
