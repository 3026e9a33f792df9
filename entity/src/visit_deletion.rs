//! Days whose visits are no more.

use sea_orm::entity::prelude::*;

/// The receipt that the visits of a day were deleted.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "visit_deletion")]
pub struct Model {
    /// The local day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// How many there were.
    pub visits: i64,
    /// When the first one was, if there was one.
    pub first_at: Option<DateTimeUtc>,
    /// When the last one was.
    pub last_at: Option<DateTimeUtc>,
    /// The Merkle root of all of them in the order of their key (RFC 9162 §2.1).
    pub root: Vec<u8>,
    /// All of that, signed.
    pub receipt: String,
    /// When they were deleted.
    pub deleted_at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
