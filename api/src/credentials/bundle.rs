//! What a gate believes for a day without a network: keys, permits that do not count, and thresholds.
//!
//! ```text
//! bundle   = [ bstr list of keys, as the root signed it,
//!              bstr COSE_Sign1 by a key for status lists of that list, over contents ]
//! contents = { 1: version, 2: issued, 3: hard expiry, 4: bstr places, 5: policy, 6: bstr ways,
//!              7: bstr ids of the devices where no temperature can be taken, 16 bytes each, in order }
//! policy   = { 1: lowest fever in tenths of a degree, 2: seconds that clocks may differ by }
//! ```
//!
//! A gate pins the root alone. `places` are those of the permits of every kind that are taken back or
//! suspended, or that somebody is on who is not green: in ascending order, each as its distance from the
//! one before in LEB128. No filter, so nobody is stopped by chance; a permit that is not in it counts until
//! its days are over. `ways` say where and when passes of vehicles are good; whoever put them in reads them.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use entity::values::DeviceId;
use uuid::Uuid;

use super::{
    cbor::{self, Malformed, Value},
    cose::{NotSign1, Sign1, Signer, SigningFailed, VerifyingKey},
    key_list::{self, KeyList, Purpose},
    permit::{self, Permit, StatusIndex},
    personal_code::{self, Invalid, Skew, VerifiedCode, believed},
};

/// How long after its issue a bundle is believed.
pub const LIFE: TimeDelta = TimeDelta::hours(24);
/// Bytes that a bundle may have: some millions of permits.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;
/// How far the issuer's clock may run ahead of the reader's. One that is further behind was set back.
const SKEW: TimeDelta = TimeDelta::seconds(30);

/// What gates go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GatePolicy {
    /// The lowest temperature that is a fever, in tenths of a degree Celsius.
    pub fever_tenths: u16,
    /// Seconds that a gate's clock may differ from the issuer's.
    pub skew_seconds: u16,
}

/// The permits that do not count, by their places.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Withdrawn(Vec<u32>);

impl Withdrawn {
    /// Those at `places`, in any order.
    #[must_use]
    pub fn new(places: impl IntoIterator<Item = StatusIndex>) -> Self {
        let mut places: Vec<u32> = places.into_iter().map(StatusIndex::number).collect();
        places.sort_unstable();
        places.dedup();
        Self(places)
    }

    /// Whether the permit at `place` is one of them.
    #[must_use]
    pub fn contain(&self, place: StatusIndex) -> bool {
        self.0.binary_search(&place.number()).is_ok()
    }

    /// The numbers of their places, in order.
    #[must_use]
    pub fn numbers(&self) -> &[u32] {
        &self.0
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.0.len() * 2);
        let mut before = 0;
        for index in &self.0 {
            let mut distance = index - before;
            before = *index;
            while let low @ 0x80.. = distance {
                bytes.push(low.to_le_bytes()[0] | 0x80);
                distance >>= 7;
            }
            bytes.push(distance.to_le_bytes()[0]);
        }
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (mut indexes, mut before) = (Vec::new(), 0_u32);
        let (mut distance, mut shift) = (0_u64, 0_u32);
        for byte in bytes {
            distance |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 != 0 {
                shift = Some(shift + 7).filter(|shift| *shift < 35)?;
                continue;
            }
            let index = before.checked_add(u32::try_from(distance).ok()?)?;
            if index == before && !indexes.is_empty() {
                return None;
            }
            indexes.push(index);
            (before, distance, shift) = (index, 0, 0);
        }
        (shift == 0).then_some(Self(indexes))
    }
}

/// What the issuer puts into a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// Grows with every bundle.
    pub version: u64,
    /// When it was put together, to the second.
    pub issued_at: DateTime<Utc>,
    /// From here on nothing in it is believed; at most [`LIFE`] after its issue.
    pub expires_at: DateTime<Utc>,
    /// The permits that do not count.
    pub withdrawn: Withdrawn,
    /// What gates go by.
    pub policy: GatePolicy,
    /// Where and when passes of vehicles are good, as gates read it.
    pub ways: Vec<u8>,
    /// The devices where no temperature can be taken. Everywhere else nobody goes through without one.
    pub without_thermometer: BTreeSet<DeviceId>,
}

/// A bundle that a gate believes.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// What is in it.
    pub contents: Contents,
    keys: KeyList,
}

/// What a text says that a gate read without a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offline {
    /// A personal code, with the colour that it was issued with.
    Code(VerifiedCode),
    /// A permit.
    Permit {
        /// What it says.
        permit: Permit,
        /// Whether it counts, as far as the bundle knows.
        counts: bool,
    },
}

/// Why a bundle is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Longer than [`MAX_BYTES`].
    #[error("too long")]
    TooLong,
    /// Not deterministic CBOR.
    #[error(transparent)]
    Cbor(#[from] Malformed),
    /// Not the layout above.
    #[error("not a bundle")]
    Layout,
    /// The list of keys in it is not believed.
    #[error("its list of keys is not believed")]
    Keys(#[source] key_list::Refused),
    /// Not a signed message.
    #[error(transparent)]
    Message(#[from] NotSign1),
    /// No key for status lists signed it.
    #[error("no key of the list signed it")]
    Unsigned(#[source] Invalid),
    /// An older bundle was believed before.
    #[error("older than one that was believed before")]
    RolledBack,
    /// It was issued in the future: this clock was set back.
    #[error("issued in the future: is the clock right?")]
    NotYet,
    /// It is a day old.
    #[error("expired: fetch another")]
    Expired,
}

/// `contents` signed by `signer`, with `list` as the root signed it.
pub(super) fn issue(
    contents: &Contents,
    list: &[u8],
    signer: &Signer,
) -> Result<Vec<u8>, SigningFailed> {
    let places = contents.withdrawn.to_bytes();
    let without = &contents.without_thermometer;
    let without: Vec<u8> = without.iter().flat_map(|id| id.0.into_bytes()).collect();
    let policy = [
        contents.policy.fever_tenths.into(),
        contents.policy.skew_seconds.into(),
    ];
    let by_signer = signer.sign1(&cbor::encode(&record([
        Value::Int(i64::try_from(contents.version).unwrap_or(i64::MAX)),
        Value::Int(contents.issued_at.timestamp()),
        Value::Int(contents.expires_at.timestamp()),
        Value::Bytes(&places),
        record(policy.map(Value::Int)),
        Value::Bytes(&contents.ways),
        Value::Bytes(&without),
    ])))?;
    Ok(cbor::encode(&Value::Array(vec![
        Value::Bytes(list),
        Value::Bytes(&by_signer),
    ])))
}

impl Bundle {
    /// The bundle in `bytes`, if `root` vouches for it and it is good at `now`. `lowest_version` is that
    /// of the last one that was believed.
    pub fn verify(
        bytes: &[u8],
        root: &VerifyingKey,
        now: DateTime<Utc>,
        lowest_version: u64,
    ) -> Result<Self, Refused> {
        if bytes.len() > MAX_BYTES {
            return Err(Refused::TooLong);
        }
        let both = cbor::decode(bytes)?;
        let Some([Value::Bytes(list), Value::Bytes(signed)]) = both.array() else {
            return Err(Refused::Layout);
        };
        let keys = KeyList::verify(list, root, now, 0).map_err(Refused::Keys)?;
        let message = Sign1::parse(signed)?;
        let contents = believed(&message, Purpose::Status, &keys, now, Skew::Offline);
        let contents = cbor::decode(contents.map_err(Refused::Unsigned)?)?;
        let contents = Contents::from_cbor(&contents).ok_or(Refused::Layout)?;
        contents.check(now, lowest_version)?;
        Ok(Self { contents, keys })
    }

    /// Whether a temperature can be taken at `device`: everywhere but where staff said that it cannot.
    #[must_use]
    pub fn has_thermometer(&self, device: Option<DeviceId>) -> bool {
        device.is_none_or(|device| !self.contents.without_thermometer.contains(&device))
    }

    /// What `text` says, if a key of the bundle signed it and it is good at `now`.
    ///
    /// The caller asks no older bundle than one that is good at `now`.
    pub fn read(&self, text: &str, now: DateTime<Utc>) -> Result<Offline, Invalid> {
        let seconds = self.contents.policy.skew_seconds;
        let skew = Skew::Stated(TimeDelta::seconds(seconds.into()));
        if !text.starts_with(permit::PREFIX) {
            let code = personal_code::verify(text, &self.keys, now, skew)?;
            return Ok(Offline::Code(code));
        }
        let permit = permit::verify(text, &self.keys, now, skew)?.permit;
        let counts = !self.contents.withdrawn.contain(permit.status_index);
        Ok(Offline::Permit { permit, counts })
    }
}

impl Contents {
    fn from_cbor(contents: &Value<'_>) -> Option<Self> {
        let [
            version,
            issued_at,
            expires_at,
            places,
            policy,
            ways,
            without,
        ] = contents.record([1, 2, 3, 4, 5, 6, 7])?;
        let [fever, skew] = policy.record([1, 2])?;
        Some(Self {
            version: version.int()?.try_into().ok()?,
            issued_at: DateTime::from_timestamp_secs(issued_at.int()?)?,
            expires_at: DateTime::from_timestamp_secs(expires_at.int()?)?,
            withdrawn: Withdrawn::from_bytes(places.bytes()?)?,
            policy: GatePolicy {
                fever_tenths: fever.int()?.try_into().ok()?,
                skew_seconds: skew.int()?.try_into().ok()?,
            },
            ways: ways.bytes()?.to_vec(),
            without_thermometer: devices_in(without.bytes()?)?,
        })
    }

    fn check(&self, now: DateTime<Utc>, lowest_version: u64) -> Result<(), Refused> {
        let life = self.expires_at.signed_duration_since(self.issued_at);
        if life <= TimeDelta::zero() || life > LIFE {
            return Err(Refused::Layout);
        }
        if self.version < lowest_version {
            return Err(Refused::RolledBack);
        }
        if self.issued_at.signed_duration_since(now) > SKEW {
            return Err(Refused::NotYet);
        }
        if now >= self.expires_at {
            return Err(Refused::Expired);
        }
        Ok(())
    }
}

/// The devices whose ids are in `bytes`, each behind those that are less.
fn devices_in(bytes: &[u8]) -> Option<BTreeSet<DeviceId>> {
    let (ids, rest) = bytes.as_chunks::<16>();
    let ascends = ids.is_sorted_by(|one, next| one < next);
    let devices = ids.iter().map(|id| DeviceId(Uuid::from_bytes(*id)));
    (rest.is_empty() && ascends).then(|| devices.collect())
}

/// A map whose keys count from one.
fn record<const N: usize>(values: [Value<'_>; N]) -> Value<'_> {
    Value::Map((1..).map(Value::Int).zip(values).collect())
}

#[cfg(test)]
mod tests;
