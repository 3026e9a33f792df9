//! Signed checkpoints.

use sea_orm::entity::prelude::*;

/// The tree as it was, signed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "log_checkpoint")]
pub struct Model {
    /// How many leaves it had.
    #[sea_orm(primary_key, auto_increment = false)]
    pub size: i64,
    /// Their root.
    pub root: Vec<u8>,
    /// The signed note (C2SP tlog-checkpoint).
    pub note: String,
    /// The key that signed it.
    pub kid: Vec<u8>,
    /// When.
    pub at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
