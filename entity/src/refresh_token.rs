//! Refresh tokens: opaque, hashed, each good for one use.

use sea_orm::entity::prelude::*;

use crate::values::SessionId;

/// One refresh token of a session.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_token")]
pub struct Model {
    /// SHA-256 of the token, which has 256 random bits.
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: Vec<u8>,
    /// The session that it continues.
    #[sea_orm(indexed)]
    pub session_id: SessionId,
    /// When it was handed out.
    pub issued_at: DateTimeUtc,
    /// When it was used, if it was.
    pub used_at: Option<DateTimeUtc>,
    /// Its successor, sealed: handed out again to the same device if the answer was lost (S8).
    pub successor: Option<Vec<u8>>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
