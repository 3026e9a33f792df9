//! Section `[transparency]`: the log that outsiders can check.

use serde::{Deserialize, Serialize};

use super::PublicKey;

/// The log that outsiders can check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Transparency {
    /// What the log is called, for ever: no two logs have one name. That of `server.public_url` and where the log
    /// lies there, if left out.
    pub origin: Option<String>,
    /// Who signs that the log only ever grew.
    pub witnesses: Vec<Witness>,
    /// Witnesses that have to have signed a checkpoint for it to count as witnessed.
    pub quorum: usize,
}

/// A witness: somebody outside who sees every checkpoint follow from those before it (C2SP tlog-cosignature).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witness {
    /// What they are called in their signatures.
    pub name: String,
    /// Their public key.
    pub public_key: PublicKey,
}

impl Default for Transparency {
    fn default() -> Self {
        Self {
            origin: None,
            witnesses: Vec::new(),
            quorum: 2,
        }
    }
}
