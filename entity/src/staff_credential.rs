//! What members of staff prove themselves with.

use sea_orm::entity::prelude::*;

use crate::values::{StaffCredentialId, StaffId};

text_enum! {
    /// How somebody proves themselves. Never by SMS.
    pub enum Method in "String(StringLen::N(8))" {
        /// A code that an app computes from a shared secret and the time (RFC 6238).
        Totp,
        /// A key that never leaves its authenticator (WebAuthn).
        Webauthn,
    }
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staff_credential")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: StaffCredentialId,
    /// Whose.
    #[sea_orm(indexed)]
    pub account_id: StaffId,
    /// What it is.
    pub method: Method,
    /// Of TOTP the shared secret, sealed; of WebAuthn the public key as COSE writes it.
    pub key: Vec<u8>,
    /// What the authenticator calls the key. WebAuthn only.
    #[sea_orm(unique)]
    pub external_id: Option<Vec<u8>>,
    /// Of TOTP the last time step that was used, of WebAuthn the last signature counter: neither
    /// goes back.
    pub counter: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When its owner proved that they have it, if they did. Until then it proves nothing.
    pub confirmed_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
