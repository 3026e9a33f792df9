//! Platform payloads that were accepted once and must not be again.

use sea_orm::entity::prelude::*;

/// The digest of an accepted payload.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "spent_payload")]
pub struct Model {
    /// SHA-256 of the payload.
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: Vec<u8>,
    /// When it was accepted.
    pub spent_at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
