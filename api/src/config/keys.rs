//! Section `[keys]`: keys that sign.
//!
//! Signing keys are made, rotated and destroyed by the service itself; only the root is the operator's.

use serde::Deserialize;

use crate::platform::Secret;

/// Keys that sign.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    /// The root key that signs the list of public keys, as `tongxing keys init-root` writes it; best as
    /// `{ file = "…" }`. Development makes one up. Without it a process serves the list that was signed last:
    /// instances that anybody may reach do well without, since every verifier pins it.
    pub root_key: Option<Secret>,
    /// Permits that one key signs at the most: dropping a key that leaked costs no more than these. In a month
    /// there are up to sixteen keys.
    pub permits_per_key: u32,
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            root_key: None,
            permits_per_key: 100_000,
        }
    }
}
