//! Full tiles of the tree, as C2SP tlog-tiles lays them out. Only ever appended.

use sea_orm::entity::prelude::*;

/// 256 hashes of one level.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "log_tile")]
pub struct Model {
    /// Eight levels of the tree are one of tiles.
    #[sea_orm(primary_key, auto_increment = false)]
    pub level: i64,
    /// Its place within the level.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    /// The hashes, one behind the other.
    pub hashes: Vec<u8>,
    /// What they hash to: one hash of the level above.
    pub root: Vec<u8>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
