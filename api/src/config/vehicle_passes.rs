//! Section `[vehicle_passes]`: passes for vehicles.

use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};
use entity::values::Division;
use serde::{Deserialize, Serialize};

/// Passes for vehicles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VehiclePasses {
    /// Days that an application is kept which nobody goes on with.
    pub draft_days: u16,
    /// Days that an application is kept once it was decided on and its pass is over, with everything that
    /// belongs to both. That a number was given, and the audit log, stay.
    pub kept_days: u16,
    /// Whether whoever has a holder's text may see the pass without a signature. Nobody knows who that is.
    pub unsigned_recognition: bool,
    /// Who recognises passes in other provinces.
    pub counterparts: Vec<Counterpart>,
}

/// Another province's platform, which signs for the passes that it recognises (T9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counterpart {
    /// Its short name, which it signs with: small letters, digits and hyphens. Another key takes another name.
    pub id: String,
    /// What holders are told that it is called: eight characters at the most.
    pub name: String,
    /// The province.
    pub division: Division,
    /// Its public key.
    pub public_key: PublicKey,
}

/// An Ed25519 public key: 32 bytes, written in base64.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicKey(pub [u8; 32]);

/// Not 32 bytes in base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an Ed25519 public key is 32 bytes in base64")]
pub struct NoPublicKey;

impl TryFrom<String> for PublicKey {
    type Error = NoPublicKey;

    fn try_from(text: String) -> Result<Self, NoPublicKey> {
        let bytes = BASE64_STANDARD.decode(text).map_err(|_| NoPublicKey)?;
        bytes.try_into().map(Self).map_err(|_| NoPublicKey)
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        BASE64_STANDARD.encode(key.0)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from(*self))
    }
}

impl Default for VehiclePasses {
    fn default() -> Self {
        Self {
            draft_days: 30,
            kept_days: 90,
            unsigned_recognition: false,
            counterparts: Vec::new(),
        }
    }
}
