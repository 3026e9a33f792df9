//! The receipt that what was kept of a day is no more: `PD1:` and the base45 of a tagged `COSE_Sign1`.
//!
//! ```text
//! protected = { 1: -8, 4: bstr kid[4] }
//! claims    = { 1: issuer, 2: what was kept, 6: deleted at, -65550: day, -65551: rows,
//!               -65552: first, -65553: last, -65554: bstr root[32] }
//! ```
//!
//! Times are whole seconds since 1970, 0 where there were no rows; the day is days since 1970. The root is
//! that of a Merkle tree (RFC 9162 §2.1) of all rows, so that whoever kept a copy of one can be proved to
//! have had it from here.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    base45,
    cbor::{self, Value},
    cose::{Sign1, Signer, SigningFailed},
    key_list::{KeyList, Purpose},
    personal_code::{Invalid, Skew, believed, token_in},
};

/// What every receipt begins with.
pub const PREFIX: &str = "PD1:";
/// Characters of the longest text that a verifier looks at.
const MAX_CHARACTERS: usize = 1_000;
/// Bytes of a root.
pub const ROOT_BYTES: usize = 32;

/// The claims, in the order of RFC 8949 §4.2.1.
const CLAIMS: [i64; 8] = [1, 2, 6, -65550, -65551, -65552, -65553, -65554];

/// What was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    /// Who deleted it.
    pub issuer: String,
    /// What was kept: the name of its table.
    pub what: String,
    /// When it was deleted, to the second.
    pub deleted_at: DateTime<Utc>,
    /// The local day that it was of.
    pub day: NaiveDate,
    /// How many rows there were.
    pub rows: u64,
    /// When the first one was, to the second.
    pub first_at: Option<DateTime<Utc>>,
    /// When the last one was.
    pub last_at: Option<DateTime<Utc>>,
    /// The root of the tree of all of them.
    pub root: [u8; ROOT_BYTES],
}

/// The text of the receipt of `deletion`, signed by `signer`.
pub(super) fn issue(deletion: &Deletion, signer: &Signer) -> Result<String, SigningFailed> {
    let seconds = |at: Option<DateTime<Utc>>| Value::Int(at.map_or(0, |at| at.timestamp()));
    let values = [
        Value::Text(&deletion.issuer),
        Value::Text(&deletion.what),
        Value::Int(deletion.deleted_at.timestamp()),
        Value::Int(deletion.day.to_epoch_days().into()),
        Value::Int(i64::try_from(deletion.rows).unwrap_or(i64::MAX)),
        seconds(deletion.first_at),
        seconds(deletion.last_at),
        Value::Bytes(&deletion.root),
    ];
    let keys = CLAIMS.map(Value::Int).into_iter();
    let claims = cbor::encode(&Value::Map(keys.zip(values).collect()));
    Ok(base45::encode(PREFIX, &signer.sign1(&claims)?))
}

/// What `text` says, if it is a receipt that a key of `keys` signed.
pub fn verify(text: &str, keys: &KeyList, now: DateTime<Utc>) -> Result<Deletion, Invalid> {
    let token = token_in(text, PREFIX, MAX_CHARACTERS)?;
    let message = Sign1::parse(&token)?;
    let claims = believed(&message, Purpose::Receipt, keys, now, Skew::Online)?;
    read(claims).ok_or(Invalid::Claims)
}

fn read(claims: &[u8]) -> Option<Deletion> {
    let claims = cbor::decode(claims).ok()?;
    let [issuer, what, deleted_at, day, rows, first, last, root] = claims.record(CLAIMS)?;
    let instant = |at: &Value<'_>| DateTime::from_timestamp_secs(at.int()?);
    let rows = u64::try_from(rows.int()?).ok()?;
    let among = |at: &Value<'_>| instant(at).filter(|_| rows > 0);
    Some(Deletion {
        issuer: issuer.text()?.into(),
        what: what.text()?.into(),
        deleted_at: instant(deleted_at)?,
        day: NaiveDate::from_epoch_days(day.int()?.try_into().ok()?)?,
        rows,
        first_at: among(first),
        last_at: among(last),
        root: root.bytes()?.try_into().ok()?,
    })
}
