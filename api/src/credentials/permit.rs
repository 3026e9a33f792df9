//! The permit: `TX1:` and the base45 of a signed CWT (RFC 8392) that lives for days, on a phone or on
//! paper, and verifies without a network.
//!
//! ```text
//! protected = { 1: -8, 4: bstr kid[4] }
//! claims    = { 1: issuer, 4: expiry, 5: not before, 6: issued, 7: bstr id[16],
//!               -65537: 1 health pass card / 2 vehicle / 3 work, -65538: status index,
//!               -65539: { 1: holder or plate, 2: mark, 3: site or destination, 4: number } }
//! ```
//!
//! Times are whole seconds since 1970. Issuer and face together have 17 to 19 bytes in the shortest
//! permits, which are 167 to 169 bytes in 255 to 258 characters: a symbol of version 11 at level Q.
//! Each further byte is a character and a half, up to [`MAX_CHARACTERS`].
//!
//! A signature says that a permit was given, not that it still stands: whoever can ask online does,
//! and is told what was taken back since.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
pub use entity::values::{PermitKind, StatusIndex};

use super::{
    base45,
    cbor::{self, Value},
    cose::{Kid, Sign1, Signer, SigningFailed},
    key_list::{KeyList, Purpose},
    personal_code::{self, Invalid, Skew, believed, token_in},
};

/// What every permit begins with.
pub const PREFIX: &str = "TX1:";
/// The longest that a permit is good, from its beginning and from its signing alike.
pub const MAX_LIFE: TimeDelta = TimeDelta::days(31);
/// Characters of the longest permit: a symbol of version 13 at level Q, whose 69 modules are half a
/// millimetre each when it is printed 35 millimetres wide.
pub const MAX_CHARACTERS: usize = 352;
/// Bytes of a permit's id.
pub const ID_BYTES: usize = 16;

/// The claims, in the order of RFC 8949 §4.2.1.
const CLAIMS: [i64; 8] = [1, 4, 5, 6, 7, -65537, -65538, -65539];
const FACE: [i64; 4] = [1, 2, 3, 4];

/// The number of `kind` in a permit.
const fn number_of(kind: PermitKind) -> i64 {
    match kind {
        PermitKind::PassCard => 1,
        PermitKind::Vehicle => 2,
        PermitKind::Work => 3,
    }
}

/// What a permit says of its holder: enough to compare with a document or a vehicle, and no more.
#[derive(Clone, PartialEq, Eq)]
pub struct PermitFace {
    /// The masked name, or the plate.
    pub holder: String,
    /// The document's last four characters, or where a vehicle comes from.
    pub mark: String,
    /// Where it was issued for, or where a vehicle goes.
    pub site: String,
    /// The number that people read out.
    pub number: String,
}

/// It says who somebody is, so it stays out of `Debug` output.
impl fmt::Debug for PermitFace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PermitFace(***)")
    }
}

/// A permit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    /// What it is for.
    pub kind: PermitKind,
    /// Which permit: random.
    pub id: [u8; ID_BYTES],
    /// From when it is good, to the second.
    pub not_before: DateTime<Utc>,
    /// When it stops being good, to the second.
    pub expires_at: DateTime<Utc>,
    /// Its place in the lists of what became of permits.
    pub status_index: StatusIndex,
    /// What it says of its holder.
    pub face: PermitFace,
}

/// A permit that verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedPermit {
    /// What it says.
    pub permit: Permit,
    /// Who says it.
    pub issuer: String,
    /// When this text of it was signed: a permit is signed each time that it is shown.
    pub issued_at: DateTime<Utc>,
    /// The key that signed it.
    pub kid: Kid,
}

/// Why a permit was not signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// No key for permits is in its term.
    #[error("no key for this moment")]
    NoKey,
    /// It is over, or it would live longer than [`MAX_LIFE`].
    #[error("its life is not allowed")]
    Life,
    /// It would be longer than [`MAX_CHARACTERS`].
    #[error("it says more than a printed symbol holds")]
    TooLong,
    /// The crypto library failed.
    #[error(transparent)]
    Failed(#[from] SigningFailed),
}

/// What `text` says, if it is a permit that a key of `keys` signed and that is good at `now`, which may
/// be the time of a device that is seldom set.
///
/// `keys` is a list that the caller believes.
pub fn read_permit(keys: &KeyList, text: &str, now: DateTime<Utc>) -> Result<Permit, Invalid> {
    verify(text, keys, now, Skew::Offline).map(|verified| verified.permit)
}

/// What `text` says, and who says it, if it is a permit that a key of `keys` signed and that is good at
/// `now`.
///
/// `keys` is a list that the caller believes. The claims are not looked at before the signature.
pub fn verify(
    text: &str,
    keys: &KeyList,
    now: DateTime<Utc>,
    skew: Skew,
) -> Result<VerifiedPermit, Invalid> {
    let token = token_in(text, PREFIX, personal_code::MAX_CHARACTERS)?;
    let message = Sign1::parse(&token)?;
    let claims = believed(&message, Purpose::Permit, keys, now, skew)?;
    let verified = read(claims, message.kid()).ok_or(Invalid::Claims)?;
    check_time(&verified, now, skew)?;
    Ok(verified)
}

/// The text of `permit`, signed by `signer` at `now`.
pub(super) fn issue(
    permit: &Permit,
    issuer: &str,
    signer: &Signer,
    now: DateTime<Utc>,
) -> Result<String, NotSigned> {
    if !is_life_allowed(permit, now) || permit.expires_at <= now {
        return Err(NotSigned::Life);
    }
    let token = signer.sign1(&cbor::encode(&claims(permit, issuer, now)))?;
    let text = base45::encode(PREFIX, &token);
    if text.len() > MAX_CHARACTERS {
        return Err(NotSigned::TooLong);
    }
    Ok(text)
}

/// The digest of what `permit` says, whoever signs it and whenever.
pub(super) fn digest(permit: &Permit) -> [u8; 32] {
    let claims = cbor::encode(&claims(permit, "", DateTime::UNIX_EPOCH));
    let mut digest = [0; 32];
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &claims);
    for (to, from) in digest.iter_mut().zip(hash.as_ref()) {
        *to = *from;
    }
    digest
}

/// Looks at whole seconds, as the claims hold them.
fn is_life_allowed(permit: &Permit, issued_at: DateTime<Utc>) -> bool {
    let [begins, ends, issued] =
        [permit.not_before, permit.expires_at, issued_at].map(|at| at.timestamp());
    begins < ends && ends - begins.min(issued) <= MAX_LIFE.num_seconds()
}

fn check_time(verified: &VerifiedPermit, now: DateTime<Utc>, skew: Skew) -> Result<(), Invalid> {
    let (permit, skew) = (&verified.permit, skew.tolerance());
    if !is_life_allowed(permit, verified.issued_at) {
        return Err(Invalid::Life);
    }
    let first = permit.not_before.max(verified.issued_at);
    if now.signed_duration_since(first) < -skew {
        return Err(Invalid::NotYet);
    }
    if now.signed_duration_since(permit.expires_at) >= skew {
        return Err(Invalid::Expired);
    }
    Ok(())
}

fn claims<'a>(permit: &'a Permit, issuer: &'a str, now: DateTime<Utc>) -> Value<'a> {
    let PermitFace {
        holder,
        mark,
        site,
        number,
    } = &permit.face;
    record(
        CLAIMS,
        [
            Value::Text(issuer),
            Value::Int(permit.expires_at.timestamp()),
            Value::Int(permit.not_before.timestamp()),
            Value::Int(now.timestamp()),
            Value::Bytes(&permit.id),
            Value::Int(number_of(permit.kind)),
            Value::Int(permit.status_index.number().into()),
            record(
                FACE,
                [holder, mark, site, number].map(|text| Value::Text(text)),
            ),
        ],
    )
}

fn record<const N: usize>(keys: [i64; N], values: [Value<'_>; N]) -> Value<'_> {
    Value::Map(keys.map(Value::Int).into_iter().zip(values).collect())
}

fn read(claims: &[u8], key: Kid) -> Option<VerifiedPermit> {
    let claims = cbor::decode(claims).ok()?;
    let [
        issuer,
        expires_at,
        not_before,
        issued_at,
        id,
        kind,
        status_index,
        face,
    ] = claims.record(CLAIMS)?;
    let kind = kind.int()?;
    Some(VerifiedPermit {
        permit: Permit {
            kind: PermitKind::ALL
                .into_iter()
                .find(|k| number_of(*k) == kind)?,
            id: id.bytes()?.try_into().ok()?,
            not_before: instant(not_before)?,
            expires_at: instant(expires_at)?,
            status_index: StatusIndex::from_number(status_index.int()?.try_into().ok()?),
            face: read_face(face)?,
        },
        issuer: issuer.text()?.into(),
        issued_at: instant(issued_at)?,
        kid: key,
    })
}

fn read_face(face: &Value<'_>) -> Option<PermitFace> {
    let [holder, mark, site, number] = face.record(FACE)?;
    Some(PermitFace {
        holder: holder.text()?.into(),
        mark: mark.text()?.into(),
        site: site.text()?.into(),
        number: number.text()?.into(),
    })
}

fn instant(seconds: &Value<'_>) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_secs(seconds.int()?)
}

#[cfg(test)]
mod tests;
