//! What became of the permits of one list, as a Token Status List (draft-ietf-oauth-status-list) in CWT form:
//! whoever has a library for these reads it, and asks nobody about one permit.
//!
//! ```text
//! protected = { 1: -8, 4: bstr kid[4], 16: "application/statuslist+cwt" }
//! claims    = { 2: address of the list, 4: expiry, 6: issued,
//!               65533: { "bits": 2, "lst": bstr zlib of the places }, 65534: seconds until the next }
//! ```
//!
//! Each byte holds four places, the first in its lowest bits. Places that no permit has look like those of
//! good ones.

use std::io::{Read, Write};

use chrono::{DateTime, TimeDelta, Utc};
use entity::values::StatusIndex;
use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};

use super::{
    cbor::{self, Value},
    cose::{NotSign1, Sign1, Signer, SigningFailed},
    key_list::{KeyList, Purpose},
    personal_code::{Invalid, Skew, believed},
    records::Status,
};

/// The media type of a list, and its type in the header.
pub const MEDIA_TYPE: &str = "application/statuslist+cwt";
/// How soon there is another one.
pub const FRESH: TimeDelta = TimeDelta::minutes(5);
/// How long a list is believed.
pub const LIFE: TimeDelta = TimeDelta::hours(24);
/// Bytes that a list may have.
pub const MAX_BYTES: usize = 1 << 20;

/// The claims, in the order of RFC 8949 §4.2.1, and the fields of the list.
const CLAIMS: [i64; 5] = [2, 4, 6, 65533, 65534];
const BITS: &str = "bits";
const LIST: &str = "lst";

/// Bits of a place, and places of a byte.
const WIDTH: usize = 2;
const A_BYTE: usize = 8 / WIDTH;

/// Places, each with a status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statuses(Vec<u8>);

impl Statuses {
    /// So many places of good permits.
    #[must_use]
    pub fn new(places: u32) -> Self {
        let places = usize::try_from(places).unwrap_or_default();
        Self(vec![0; places.div_ceil(A_BYTE)])
    }

    /// The permit at `place` stands so. A place that there is not stays unsaid.
    pub fn set(&mut self, place: u32, status: Status) {
        let (at, shift) = position(place);
        if let Some(byte) = self.0.get_mut(at) {
            *byte = *byte & !(0b11 << shift) | status.bits() << shift;
        }
    }

    /// How the permit at `place` stands. None beyond the last place.
    #[must_use]
    pub fn get(&self, place: u32) -> Option<Status> {
        let (at, shift) = position(place);
        let byte = self.0.get(at)?;
        Some(Status::of_bits(byte >> shift & 0b11))
    }

    /// The places as they are sent: a zlib stream (RFC 1950).
    #[must_use]
    pub fn compressed(&self) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        // A vector takes whatever is written to it.
        let _ = encoder.write_all(&self.0);
        encoder.finish().unwrap_or_default()
    }

    /// The places that `stream` holds, if they are no more than those of a list.
    #[must_use]
    pub fn decompressed(stream: &[u8]) -> Option<Self> {
        let mut places = Vec::new();
        let limit = u64::from(StatusIndex::PLACES.next_power_of_two()) / 4;
        let mut decoder = ZlibDecoder::new(stream).take(limit + 1);
        decoder.read_to_end(&mut places).ok()?;
        (places.len() as u64 <= limit).then_some(Self(places))
    }
}

fn position(place: u32) -> (usize, usize) {
    let place = usize::try_from(place).unwrap_or(usize::MAX);
    (place / A_BYTE, place % A_BYTE * WIDTH)
}

/// A list that was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusList {
    /// Where it is fetched, which is its name.
    pub address: String,
    /// When it was issued, to the second.
    pub issued_at: DateTime<Utc>,
    /// From here on nothing in it is believed.
    pub expires_at: DateTime<Utc>,
    /// How long it is good enough not to ask for another.
    pub fresh_for: TimeDelta,
    /// The places.
    pub statuses: Statuses,
}

/// The list of `address` with the places that `compressed` holds, signed by `signer` at `now`.
pub(super) fn issue(
    address: &str,
    compressed: &[u8],
    signer: &Signer,
    now: DateTime<Utc>,
) -> Result<Vec<u8>, SigningFailed> {
    let list = Value::Map(vec![
        (Value::Text(BITS), Value::Int(2)),
        (Value::Text(LIST), Value::Bytes(compressed)),
    ]);
    let claims = [
        Value::Text(address),
        Value::Int((now + LIFE).timestamp()),
        Value::Int(now.timestamp()),
        list,
        Value::Int(FRESH.num_seconds()),
    ];
    let claims = CLAIMS.map(Value::Int).into_iter().zip(claims).collect();
    signer.sign1_as(Some(MEDIA_TYPE), &cbor::encode(&Value::Map(claims)))
}

/// The list in `bytes`, if a key for status lists of `keys` signed it and it is good at `now`.
pub fn verify(
    bytes: &[u8],
    keys: &KeyList,
    now: DateTime<Utc>,
    skew: Skew,
) -> Result<StatusList, Invalid> {
    if bytes.len() > MAX_BYTES {
        return Err(Invalid::Message(NotSign1::Shape));
    }
    let message = Sign1::parse_as(Some(MEDIA_TYPE), bytes)?;
    let claims = believed(&message, Purpose::Status, keys, now, skew)?;
    let list = read(claims).ok_or(Invalid::Claims)?;
    if list.issued_at.signed_duration_since(now) > skew.tolerance() {
        return Err(Invalid::NotYet);
    }
    if now >= list.expires_at {
        return Err(Invalid::Expired);
    }
    Ok(list)
}

fn read(claims: &[u8]) -> Option<StatusList> {
    let claims = cbor::decode(claims).ok()?;
    let [address, expires_at, issued_at, list, fresh_for] = claims.record(CLAIMS)?;
    let Value::Map(fields) = list else {
        return None;
    };
    let [
        (Value::Text(LIST), list),
        (Value::Text(BITS), Value::Int(2)),
    ] = fields.as_slice()
    else {
        return None;
    };
    Some(StatusList {
        address: address.text()?.into(),
        issued_at: DateTime::from_timestamp_secs(issued_at.int()?)?,
        expires_at: DateTime::from_timestamp_secs(expires_at.int()?)?,
        fresh_for: TimeDelta::try_seconds(fresh_for.int()?)?,
        statuses: Statuses::decompressed(list.bytes()?)?,
    })
}

#[cfg(test)]
mod tests;
