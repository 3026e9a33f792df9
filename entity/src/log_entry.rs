//! The log: what was recorded, in the order in which it was given its place. Only ever appended.

use sea_orm::entity::prelude::*;
use uuid::Uuid;

/// One leaf of the tree.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "log_entry")]
pub struct Model {
    /// Its place, counted from zero without a gap.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    /// The entry of the audit log.
    pub audit_id: Uuid,
    /// When it was recorded.
    pub at: DateTimeUtc,
    /// SHA-256 of the salt and of the entry in its canonical form.
    pub commitment: Vec<u8>,
    /// Whose it is to see. Null for what nobody may ask for.
    pub subject_id: Option<Uuid>,
    /// The salt, and the entry in its canonical form, where somebody may ask for it.
    pub content: Option<Vec<u8>>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
