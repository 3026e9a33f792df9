//! What platforms told us of their own accord, so that none of it counts twice.

use sea_orm::entity::prelude::*;

use crate::values::Platform;

/// One message of a platform's that was taken in. What it said is not kept.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "platform_event")]
pub struct Model {
    /// Whose message.
    #[sea_orm(primary_key, auto_increment = false)]
    pub platform: Platform,
    /// Which of our apps it was for.
    #[sea_orm(primary_key, auto_increment = false)]
    pub app_id: String,
    /// SHA-256 of what all deliveries of the message have in common.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: Vec<u8>,
    /// When it was first taken in.
    #[sea_orm(indexed)]
    pub received_at: DateTimeUtc,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
