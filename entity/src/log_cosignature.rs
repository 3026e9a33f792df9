//! What witnesses signed.

use sea_orm::entity::prelude::*;

/// One checkpoint that a witness saw to follow from those before it (C2SP tlog-cosignature).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "log_cosignature")]
pub struct Model {
    /// The size of the tree.
    #[sea_orm(primary_key, auto_increment = false)]
    pub size: i64,
    /// Who.
    #[sea_orm(primary_key, auto_increment = false)]
    pub witness: String,
    /// When, by the clock of the witness: seconds since 1970.
    pub signed_at: i64,
    /// The signature: 64 bytes.
    pub signature: Vec<u8>,
    /// When it was taken in.
    pub at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
