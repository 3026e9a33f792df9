//! Types of vehicle passes.

use sea_orm::entity::prelude::*;

/// A version of a type, as it was published. It never changes.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "vehicle_pass_type")]
pub struct Model {
    /// Which type.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// Which version.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i64,
    /// The type itself.
    pub document: Json,
    /// SHA-256 of the document as it was published.
    pub digest: Vec<u8>,
    /// When it was kept first.
    pub saved_at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
