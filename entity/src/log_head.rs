//! How far the tree has grown. One row, which whoever makes it grow holds.

use sea_orm::entity::prelude::*;

/// The tree as it is.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "log_head")]
pub struct Model {
    /// Always 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// How many leaves it has.
    pub size: i64,
    /// Their root.
    pub root: Vec<u8>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
