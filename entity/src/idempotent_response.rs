//! Answers that were given, to give them again (`Idempotency-Key`).

use sea_orm::entity::prelude::*;

/// The answer to one request of one caller, stored with the request's effect.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotent_response")]
pub struct Model {
    /// SHA-256 of caller, operation and key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub scope: Vec<u8>,
    /// SHA-256 of the request.
    pub request: Vec<u8>,
    /// The status that was answered.
    pub status: i16,
    /// The body that was answered, sealed.
    pub body: Vec<u8>,
    /// When.
    #[sea_orm(indexed)]
    pub answered_at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
