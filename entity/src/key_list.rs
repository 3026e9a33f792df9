//! Signed key lists, as published.

use sea_orm::entity::prelude::*;

/// One version of the list of public keys, signed by the root key.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "key_list")]
pub struct Model {
    /// Never goes down.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i64,
    /// The signed list: a `COSE_Sign1`.
    pub document: Vec<u8>,
    /// When it was signed.
    pub signed_at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
