//! Which version of which document a person accepted, and when.

use sea_orm::entity::prelude::*;

use crate::values::PersonId;

/// One acceptance.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "consent")]
pub struct Model {
    /// Who accepted.
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_id: PersonId,
    /// `terms` or `privacy`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub document: String,
    /// Which version.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: String,
    /// When.
    pub accepted_at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
