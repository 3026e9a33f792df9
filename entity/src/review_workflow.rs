//! Workflows as they were loaded.

use sea_orm::entity::prelude::*;

/// A version of a workflow. It never changes: a case keeps the one that it began with.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review_workflow")]
pub struct Model {
    /// Which workflow.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// Which version.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i64,
    /// The workflow itself.
    pub document: Json,
    /// SHA-256 of the document as it was loaded.
    pub digest: Vec<u8>,
    /// When it was loaded first.
    pub saved_at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
