//! Section `[secrets]`: keys that seal and index personal data.

use std::{collections::BTreeMap, fmt, str::FromStr};

use aws_lc_rs::hmac;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::{Deserialize, Deserializer, de::Error as _};
use zeroize::Zeroizing;

use crate::platform::{
    Secret,
    vault::{KEY_BYTES, VaultKeys},
};

/// Published, therefore worthless.
const DEVELOPMENT_ENCRYPTION_KEY: [u8; KEY_BYTES] = *b"worthless development key: seals";

/// Published, therefore worthless.
const DEVELOPMENT_INDEX_KEY: [u8; KEY_BYTES] = *b"worthless development key: index";

/// Keys that seal and index personal data.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Secrets {
    /// Key-encryption keys by id: 32 bytes in base64. The highest id seals; all open.
    pub encryption_keys: VersionedKeys<u16>,
    /// Blind-index keys by version: 32 bytes in base64. The highest version writes.
    pub index_keys: VersionedKeys<u8>,
}

impl Default for Secrets {
    fn default() -> Self {
        Self {
            encryption_keys: VersionedKeys::one(1, DEVELOPMENT_ENCRYPTION_KEY),
            index_keys: VersionedKeys::one(1, DEVELOPMENT_INDEX_KEY),
        }
    }
}

impl Secrets {
    /// The same as a vault takes it.
    #[must_use]
    pub fn vault_keys(&self) -> VaultKeys {
        VaultKeys {
            encryption: self.encryption_keys.0.clone(),
            index: self.index_keys.0.clone(),
        }
    }

    /// A key for `purpose` alone, the same on every instance. It changes with the newest encryption
    /// key, so it is for what may be lost.
    #[must_use]
    pub fn derived(&self, purpose: &str) -> Zeroizing<[u8; KEY_BYTES]> {
        let newest = self.encryption_keys.0.values().next_back();
        let newest = newest.map_or(&[][..], |key| key.as_slice());
        derived(newest, purpose)
    }

    /// Keys for `purpose` alone, the same on every instance: one for each index key, the newest first.
    /// What was made under an older one is recognised for as long as its index key is kept, so they are
    /// for what lasts.
    #[must_use]
    pub fn lasting(&self, purpose: &str) -> Vec<Zeroizing<[u8; KEY_BYTES]>> {
        let keys = self.index_keys.0.values().rev();
        keys.map(|key| derived(key.as_slice(), purpose)).collect()
    }

    /// Whether a key of one ring is in the other as well: whoever has the one must not have the other.
    pub(super) fn shares_a_key(&self) -> bool {
        let mut keys = self.encryption_keys.0.values();
        keys.any(|key| self.index_keys.holds(key))
    }

    pub(super) fn has_development_encryption_key(&self) -> bool {
        self.encryption_keys.holds(&DEVELOPMENT_ENCRYPTION_KEY)
    }

    pub(super) fn has_development_index_key(&self) -> bool {
        self.index_keys.holds(&DEVELOPMENT_INDEX_KEY)
    }
}

fn derived(from: &[u8], purpose: &str) -> Zeroizing<[u8; KEY_BYTES]> {
    let from = hmac::Key::new(hmac::HMAC_SHA256, from);
    let tag = hmac::sign(&from, purpose.as_bytes());
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    key.iter_mut()
        .zip(tag.as_ref())
        .for_each(|(into, byte)| *into = *byte);
    key
}

/// Keys by id or version. `Debug` shows the ids.
#[derive(Clone, PartialEq, Eq)]
pub struct VersionedKeys<V>(BTreeMap<V, Zeroizing<[u8; KEY_BYTES]>>);

impl<V: Ord> VersionedKeys<V> {
    fn one(version: V, key: [u8; KEY_BYTES]) -> Self {
        Self(BTreeMap::from([(version, Zeroizing::new(key))]))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn holds(&self, key: &[u8; KEY_BYTES]) -> bool {
        self.0.values().any(|held| **held == *key)
    }
}

impl<V: fmt::Debug> fmt::Debug for VersionedKeys<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

impl<'de, V: Ord + FromStr> Deserialize<'de> for VersionedKeys<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = BTreeMap::<String, Secret>::deserialize(deserializer)?;
        let read = |(version, key): (String, Secret)| {
            let id = version
                .parse()
                .map_err(|_| D::Error::custom(format!("`{version}` is not a version")))?;
            let key = decode(&key).ok_or_else(|| {
                D::Error::custom(format!("key {version} is not {KEY_BYTES} bytes in base64"))
            })?;
            Ok((id, key))
        };
        texts
            .into_iter()
            .map(read)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

fn decode(text: &Secret) -> Option<Zeroizing<[u8; KEY_BYTES]>> {
    let bytes = Zeroizing::new(BASE64_STANDARD.decode(text.reveal().trim()).ok()?);
    bytes.as_slice().try_into().ok().map(Zeroizing::new)
}
