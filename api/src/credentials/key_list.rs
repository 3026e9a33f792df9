//! The signed list of the keys that sign codes, permits, receipts, status lists and checkpoints of the log.
//!
//! Verifiers pin the root key and nothing else. The list is a tagged `COSE_Sign1` by the root over
//! this deterministic CBOR, at most [`MAX_KEYS`] entries of about 60 bytes. Times are whole seconds
//! since 1970.
//!
//! ```text
//! list  = { 1: version, 2: issued, 3: next update, 4: hard expiry, 5: [ * entry ] }
//! entry = { 1: bstr kid, 2: "code" / "permit" / "receipt" / "status" / "log", 3: -8 / -19,
//!           4: bstr key[32], 5: not before, 6: expiry, 7: 0 active / 1 retired / 2 revoked }
//! ```

use std::collections::HashSet;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::cbor::{self, Malformed, Value};
use super::cose::{
    Algorithm, BadSignature, Kid, NotSign1, Sign1, Signer, SigningFailed, VerifyingKey,
};

/// Entries that a list may have.
pub const MAX_KEYS: usize = 64;
/// Bytes that a signed list may have; [`MAX_KEYS`] entries need about 4,500.
pub const MAX_BYTES: usize = 8192;
/// How soon after issue a list must stop being believed.
pub const MAX_LIFE: TimeDelta = TimeDelta::hours(72);
/// How far the issuer's clock may run ahead of the reader's.
const SKEW: TimeDelta = TimeDelta::seconds(30);

/// What a key may sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// `JK1:` personal codes.
    Code,
    /// `TX1:` permits.
    Permit,
    /// `PJ1:` receipts.
    Receipt,
    /// Status lists.
    Status,
    /// Checkpoints of the log, and what the public is told of a day, whose digest the log holds.
    Log,
}

impl Purpose {
    const ALL: [Self; 5] = [
        Self::Code,
        Self::Permit,
        Self::Receipt,
        Self::Status,
        Self::Log,
    ];

    /// Its name in the list.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Permit => "permit",
            Self::Receipt => "receipt",
            Self::Status => "status",
            Self::Log => "log",
        }
    }
}

/// Whether a key is to be believed, besides its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// It signs, or will from its first day.
    Active,
    /// It signs no more; what it signed stays good.
    Retired,
    /// It leaked: nothing it signed is good.
    Revoked,
}

impl Status {
    const ALL: [Self; 3] = [Self::Active, Self::Retired, Self::Revoked];

    const fn number(self) -> i64 {
        match self {
            Self::Active => 0,
            Self::Retired => 1,
            Self::Revoked => 2,
        }
    }
}

/// One key of the list.
#[derive(Debug, Clone)]
pub struct ListedKey {
    /// What it may sign.
    pub purpose: Purpose,
    /// The algorithm that its messages announce.
    pub algorithm: Algorithm,
    /// The key and its name.
    pub key: VerifyingKey,
    /// Nothing is believed under it before this.
    pub not_before: DateTime<Utc>,
    /// Nothing is believed under it from here on.
    pub expires_at: DateTime<Utc>,
    /// Whether it is to be believed at all.
    pub status: Status,
}

impl ListedKey {
    /// Whether to believe at `now` what it signed, for clocks that differ by up to `skew`.
    #[must_use]
    pub fn is_good_at(&self, now: DateTime<Utc>, skew: TimeDelta) -> bool {
        self.status != Status::Revoked
            && now.signed_duration_since(self.not_before) >= -skew
            && now.signed_duration_since(self.expires_at) < skew
    }

    fn to_cbor(&self) -> Value<'_> {
        record([
            Value::Bytes(self.key.kid().as_bytes()),
            Value::Text(self.purpose.name()),
            Value::Int(self.algorithm.id()),
            Value::Bytes(self.key.as_bytes()),
            Value::Int(self.not_before.timestamp()),
            Value::Int(self.expires_at.timestamp()),
            Value::Int(self.status.number()),
        ])
    }

    fn from_cbor(entry: &Value<'_>) -> Option<Self> {
        let [kid, purpose, algorithm, key, not_before, expires_at, status] =
            entry.record([1, 2, 3, 4, 5, 6, 7])?;
        let purpose = purpose.text()?;
        let status = status.int()?;
        Some(Self {
            purpose: Purpose::ALL.into_iter().find(|p| p.name() == purpose)?,
            algorithm: Algorithm::from_id(algorithm.int()?)?,
            key: VerifyingKey::new(Kid::new(kid.bytes()?)?, key.bytes()?.try_into().ok()?).ok()?,
            not_before: instant(not_before)?,
            expires_at: instant(expires_at)?,
            status: Status::ALL.into_iter().find(|s| s.number() == status)?,
        })
    }

    fn to_jwk(&self) -> serde_json::Value {
        let alg = match self.algorithm {
            Algorithm::EdDsa => "EdDSA",
            Algorithm::Ed25519 => "Ed25519",
        };
        json!({
            "kty": "OKP",
            "crv": "Ed25519",
            "x": BASE64_URL_SAFE_NO_PAD.encode(self.key.as_bytes()),
            "kid": BASE64_URL_SAFE_NO_PAD.encode(self.key.kid().as_bytes()),
            "use": "sig",
            "alg": alg,
        })
    }
}

/// The list, as its issuer fills it in or as a verifier believes it.
#[derive(Debug, Clone)]
pub struct KeyList {
    /// Grows with every list.
    pub version: u64,
    /// When the root signed it.
    pub issued_at: DateTime<Utc>,
    /// When verifiers should have fetched the next one.
    pub next_update: DateTime<Utc>,
    /// From here on nothing in it is believed; at most [`MAX_LIFE`] after issue.
    pub expires_at: DateTime<Utc>,
    /// The keys.
    pub keys: Vec<ListedKey>,
}

/// Why a list was not signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// No verifier would believe it.
    #[error("no verifier would believe this list")]
    Content(#[source] BadContent),
    /// The crypto library failed.
    #[error(transparent)]
    Failed(#[from] SigningFailed),
}

/// What is wrong with a list, whoever signed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadContent {
    /// Not the layout above, or a key in it is none.
    #[error("not a list of keys")]
    Layout,
    /// More than [`MAX_KEYS`] entries.
    #[error("too many keys")]
    TooMany,
    /// Two keys of one purpose share a name.
    #[error("two keys of one purpose share a name")]
    Ambiguous,
    /// Its times are not in order, or it lives longer than [`MAX_LIFE`].
    #[error("its times do not fit together")]
    Times,
}

/// Why a list is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Longer than [`MAX_BYTES`].
    #[error("too long")]
    TooLong,
    /// Not a signed message.
    #[error(transparent)]
    Message(#[from] NotSign1),
    /// It names another root.
    #[error("signed by another root")]
    OtherRoot,
    /// The root did not sign it.
    #[error(transparent)]
    Signature(#[from] BadSignature),
    /// What was signed is not deterministic CBOR.
    #[error(transparent)]
    Cbor(#[from] Malformed),
    /// What was signed is not an acceptable list.
    #[error(transparent)]
    Content(#[from] BadContent),
    /// A later list has been seen before.
    #[error("older than a list that was seen before")]
    RolledBack,
    /// It comes from the future.
    #[error("issued in the future")]
    NotYet,
    /// Past its hard expiry.
    #[error("expired")]
    Expired,
}

impl KeyList {
    /// The list signed by `root`, as verifiers fetch it.
    pub fn sign(&self, root: &Signer) -> Result<Vec<u8>, NotSigned> {
        self.check().map_err(NotSigned::Content)?;
        Ok(root.sign1(&cbor::encode(&self.to_cbor()))?)
    }

    /// The list in `bytes`, if `root` signed it, it is at least `lowest_version` and still alive.
    ///
    /// `lowest_version` is the highest version this verifier has believed so far, so that nobody can
    /// bring back a key that a later list dropped.
    pub fn verify(
        bytes: &[u8],
        root: &VerifyingKey,
        now: DateTime<Utc>,
        lowest_version: u64,
    ) -> Result<Self, Refused> {
        if bytes.len() > MAX_BYTES {
            return Err(Refused::TooLong);
        }
        let message = Sign1::parse(bytes)?;
        if message.kid() != *root.kid() {
            return Err(Refused::OtherRoot);
        }
        let content = cbor::decode(message.verify(root)?)?;
        let list = Self::from_cbor(&content).ok_or(BadContent::Layout)?;
        list.check()?;
        if list.version < lowest_version {
            return Err(Refused::RolledBack);
        }
        if list.issued_at.signed_duration_since(now) > SKEW {
            return Err(Refused::NotYet);
        }
        if now >= list.expires_at {
            return Err(Refused::Expired);
        }
        Ok(list)
    }

    /// The key named `kid` for `purpose`, whatever its time and status.
    #[must_use]
    pub fn find(&self, purpose: Purpose, kid: Kid) -> Option<&ListedKey> {
        self.keys
            .iter()
            .find(|listed| listed.purpose == purpose && *listed.key.kid() == kid)
    }

    /// The keys that are not revoked as a JSON Web Key Set (RFC 7517, RFC 8037), for tools that know
    /// no other. Unsigned: whoever relies on it relies on the connection it came over. A key's `kid`
    /// is the base64url of its bytes.
    #[must_use]
    pub fn to_jwks(&self) -> serde_json::Value {
        let good = |listed: &&ListedKey| listed.status != Status::Revoked;
        let keys: Vec<_> = self
            .keys
            .iter()
            .filter(good)
            .map(ListedKey::to_jwk)
            .collect();
        json!({ "keys": keys })
    }

    fn check(&self) -> Result<(), BadContent> {
        if self.keys.len() > MAX_KEYS {
            return Err(BadContent::TooMany);
        }
        let mut names = HashSet::new();
        if !self
            .keys
            .iter()
            .all(|listed| names.insert((listed.purpose, *listed.key.kid())))
        {
            return Err(BadContent::Ambiguous);
        }
        let in_order = self.issued_at < self.next_update && self.next_update <= self.expires_at;
        if !in_order || self.expires_at - self.issued_at > MAX_LIFE {
            return Err(BadContent::Times);
        }
        i64::try_from(self.version).map_or(Err(BadContent::Layout), |_| Ok(()))
    }

    fn to_cbor(&self) -> Value<'_> {
        record([
            Value::Int(i64::try_from(self.version).unwrap_or(i64::MAX)),
            Value::Int(self.issued_at.timestamp()),
            Value::Int(self.next_update.timestamp()),
            Value::Int(self.expires_at.timestamp()),
            Value::Array(self.keys.iter().map(ListedKey::to_cbor).collect()),
        ])
    }

    fn from_cbor(list: &Value<'_>) -> Option<Self> {
        let [version, issued_at, next_update, expires_at, keys] = list.record([1, 2, 3, 4, 5])?;
        let keys = keys.array()?;
        Some(Self {
            version: version.int()?.try_into().ok()?,
            issued_at: instant(issued_at)?,
            next_update: instant(next_update)?,
            expires_at: instant(expires_at)?,
            keys: keys
                .iter()
                .map(ListedKey::from_cbor)
                .collect::<Option<_>>()?,
        })
    }
}

/// A map whose keys count from one.
fn record<const N: usize>(values: [Value<'_>; N]) -> Value<'_> {
    Value::Map((1..).map(Value::Int).zip(values).collect())
}

fn instant(seconds: &Value<'_>) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_secs(seconds.int()?)
}

#[cfg(test)]
mod tests;
