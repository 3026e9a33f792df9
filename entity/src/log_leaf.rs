//! What was recorded and has no place in the log yet.

use sea_orm::entity::prelude::*;
use uuid::Uuid;

/// One leaf that waits. Written in the transaction of the entry that it commits to, and removed in that which gives it
/// its place.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "log_leaf")]
pub struct Model {
    /// The entry.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
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
