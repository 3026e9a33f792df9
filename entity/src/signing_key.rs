//! Keys that sign and seal, wrapped.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What a key is for. A key has one use.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(8))",
    rename_all = "snake_case"
)]
#[serde(rename_all = "snake_case")]
pub enum KeyUse {
    /// Ed25519: signs personal codes.
    Code,
    /// Ed25519: signs access tokens.
    Session,
    /// Ed25519: signs receipts of explanations.
    Receipt,
    /// Ed25519: signs permits that are shown or printed for days.
    Permit,
    /// Ed25519: signs what devices at gates believe without a network.
    Status,
    /// Ed25519: signs checkpoints of the log.
    Log,
    /// AES-128: makes the handles of one day's personal codes.
    Handle,
}

/// One key.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_key")]
pub struct Model {
    /// Names the key within its use: two bytes for code keys.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kid: Vec<u8>,
    /// What it is for.
    #[sea_orm(primary_key, auto_increment = false)]
    pub usage: KeyUse,
    /// PKCS#8 (Ed25519) or the raw key (AES), sealed under a key-encryption key.
    pub private_key: Vec<u8>,
    /// The public half; empty for a symmetric key.
    pub public_key: Vec<u8>,
    /// When it starts to be used.
    pub not_before: DateTimeUtc,
    /// When it stops being used to make something new.
    pub not_after: DateTimeUtc,
    /// When nothing that it made is valid any more and it is destroyed.
    pub destroy_at: DateTimeUtc,
    /// Permits that it signed, for a key that signs them.
    pub signed: i64,
    /// When it was dropped, because it leaked: nothing that it made is believed since, and its name stays taken
    /// until it is destroyed.
    pub dropped_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
