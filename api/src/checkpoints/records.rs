//! What a device keeps while it has no network, and signs: one line of JSON each.
//!
//! The signature is over `tongxing-gate-record-v1`, a line feed, and the record without `sig` in the JSON
//! Canonicalization Scheme (RFC 8785): members in order, nothing between them. It is made once, when the
//! record is; a record is good on its own, whatever happens to its neighbours.

use chrono::{DateTime, Utc};
use entity::values::{DeviceId, GateDecision, GateMeans, GateReason};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// What goes before the record in what is signed.
const DOMAIN: &str = "tongxing-gate-record-v1\n";

/// People whom a record may tell of: those in a coach.
pub const MOST_PEOPLE: usize = 60;

/// What a device says it did, once. Members in the order of RFC 8785.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// When, in RFC 3339.
    pub captured_at: String,
    /// Which device.
    pub device: DeviceId,
    /// Who stood before it.
    pub people: Vec<ToldPerson>,
    /// The vehicle's plate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plate: Option<String>,
    /// The device's own number of this, from 1.
    pub seq: i64,
}

/// One person of a record.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GateRecordPerson)]
pub struct ToldPerson {
    /// What the gate did.
    pub decision: GateDecision,
    /// The number that the reader read of an ID card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_number: Option<String>,
    /// What was shown.
    pub means: GateMeans,
    /// Why the gate did it.
    pub reason: GateReason,
    /// The temperature in tenths of a degree Celsius.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature_tenths: Option<u16>,
    /// The text that was scanned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// It says who somebody is.
impl std::fmt::Debug for ToldPerson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ToldPerson(***)")
    }
}

/// A record with its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signed {
    /// What the device says.
    #[serde(flatten)]
    pub told: Told,
    /// The base64 of its Ed25519 signature.
    pub sig: String,
}

/// Not the JSON of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a record")]
pub struct NoRecord;

impl Told {
    /// When it happened, if that is a time.
    #[must_use]
    pub fn at(&self) -> Option<DateTime<Utc>> {
        let at = DateTime::parse_from_rfc3339(&self.captured_at).ok()?;
        Some(at.to_utc())
    }

    /// What is signed.
    #[must_use]
    pub fn to_be_signed(&self) -> Vec<u8> {
        let mut bytes = DOMAIN.as_bytes().to_vec();
        if serde_json::to_writer(&mut bytes, self).is_err() {
            bytes.clear();
        }
        bytes
    }
}

impl Signed {
    /// The record that `value` is.
    pub fn read(value: Value) -> Result<Self, NoRecord> {
        let Value::Object(mut members) = value else {
            return Err(NoRecord);
        };
        let Some(Value::String(sig)) = members.remove("sig") else {
            return Err(NoRecord);
        };
        let told = serde_json::from_value(Value::Object(members)).map_err(|_| NoRecord)?;
        Ok(Self { told, sig })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_signed_is_the_canonical_form_however_a_record_was_written() {
        let line = json!({
            "seq": 7,
            "sig": "AA==",
            "people": [{
                "text": "JK1:A", "means": "code", "reason": "green", "decision": "pass",
                "temperature_tenths": 365,
            }],
            "device": "0195a1b2-0000-4000-8000-00000000000a",
            "captured_at": "2026-03-02T12:00:00+08:00",
        });
        let read = Signed::read(line).unwrap();
        let signed = String::from_utf8(read.told.to_be_signed()).unwrap();
        assert_eq!(
            signed,
            "tongxing-gate-record-v1\n{\"captured_at\":\"2026-03-02T12:00:00+08:00\",\
             \"device\":\"0195a1b2-0000-4000-8000-00000000000a\",\"people\":[{\"decision\":\"pass\",\
             \"means\":\"code\",\"reason\":\"green\",\"temperature_tenths\":365,\"text\":\"JK1:A\"}],\
             \"seq\":7}"
        );
        assert_eq!(read.told.at(), "2026-03-02T04:00:00Z".parse().ok());
    }

    #[test]
    fn what_is_no_record_is_not_read_as_one() {
        let good = json!({
            "captured_at": "x", "device": "0195a1b2-0000-4000-8000-00000000000a", "people": [],
            "seq": 1, "sig": "",
        });
        assert!(Signed::read(good.clone()).is_ok());
        for member in ["captured_at", "device", "people", "seq", "sig"] {
            let mut bad = good.clone();
            bad.as_object_mut().unwrap().remove(member);
            assert_eq!(Signed::read(bad), Err(NoRecord), "{member}");
        }
        let mut more = good;
        more["colour"] = json!("green");
        assert_eq!(Signed::read(more), Err(NoRecord));
    }
}
