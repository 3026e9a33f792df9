//! The personal code: `JK1:` and the base45 of a signed CWT, 116 bytes in 178 characters, which is
//! exactly what a QR symbol of version 7 at level M holds.
//!
//! ```text
//! protected = { 1: -8, 4: bstr kid[2] }
//! claims    = { 4: expiry, 6: issued, 7: bstr handle[16],
//!               -65537: 0 grey / 1 green / 2 yellow / 3 red }
//! ```
//!
//! A code says nothing about who shows it to anyone but the issuer, and after [`LIFE`] nothing to
//! anyone.

use chrono::{DateTime, TimeDelta, Utc};
use entity::values::Colour;

use super::base45::{self, NotBase45};
use super::cbor;
use super::cose::{
    self, BadSignature, Kid, NotSign1, SIGNATURE_BYTES, Sign1, Signer, SigningFailed,
};
use super::handle::{HANDLE_BYTES, Handle};
use super::key_list::{KeyList, Purpose};

/// What every personal code begins with.
pub const PREFIX: &str = "JK1:";
/// How long a code is good, and the longest that a verifier lets any code be good.
pub const LIFE: TimeDelta = TimeDelta::seconds(60);
/// Characters of a code.
pub const CHARACTERS: usize = 178;
/// Characters of the longest text that a verifier looks at.
pub const MAX_CHARACTERS: usize = 1200;

/// Bytes of the name of a key that signs codes; two more would need a larger symbol.
const KID_BYTES: usize = 2;
/// Bytes of a signed code before base45.
const TOKEN_BYTES: usize = 116;
/// Bytes of what is signed.
const MESSAGE_BYTES: usize = 60;
const CLAIMS_BYTES: usize = 37;
/// The first byte of a zlib stream. Compression is never accepted.
const ZLIB: u8 = 0x78;

/// Claim keys: CWT's expiry, issue time and id, and our colour.
const CLAIMS: [i64; 4] = [4, 6, 7, -65537];

/// How far a verifier's clock may differ from the issuer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skew {
    /// The server's own clock: five seconds.
    Online,
    /// A device that last synchronised within a day: thirty seconds.
    Offline,
    /// As much as whoever the device goes by says.
    Stated(TimeDelta),
}

impl Skew {
    /// The difference that is tolerated either way.
    #[must_use]
    pub const fn tolerance(self) -> TimeDelta {
        match self {
            Self::Online => TimeDelta::seconds(5),
            Self::Offline => TimeDelta::seconds(30),
            Self::Stated(difference) => difference,
        }
    }
}

/// What a verifier learns from a good code. Online, the live colour is shown instead of this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifiedCode {
    /// The sealed person number, for the issuer to open.
    pub handle: Handle,
    /// The colour when the code was issued.
    pub colour: Colour,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// When it stops being good.
    pub expires_at: DateTime<Utc>,
    /// The key that signed it.
    pub kid: Kid,
}

/// Why a text is not a good code or receipt. For logs alone: whoever shows the code is told `invalid` and
/// nothing more, or the answer would help to forge one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Longer than any, such as [`MAX_CHARACTERS`].
    #[error("too long")]
    TooLong,
    /// It does not begin with its kind's prefix, such as [`PREFIX`].
    #[error("another prefix")]
    Prefix,
    /// The rest is not base45.
    #[error(transparent)]
    Base45(#[from] NotBase45),
    /// It is compressed.
    #[error("compressed")]
    Compressed,
    /// Not the one shape of a signed message.
    #[error(transparent)]
    Message(#[from] NotSign1),
    /// No such key signs what it is.
    #[error("no such key signs this")]
    UnknownKey,
    /// It announces another algorithm than its key's.
    #[error("another algorithm than its key's")]
    Algorithm,
    /// Its key is revoked, or not in use at this time.
    #[error("its key is not good now")]
    KeyNotGood,
    /// Its key did not sign it.
    #[error(transparent)]
    Signature(#[from] BadSignature),
    /// Not exactly the claims of its kind.
    #[error("other claims")]
    Claims,
    /// It lives longer than its kind may, such as [`LIFE`], or not at all.
    #[error("its life is not allowed")]
    Life,
    /// Issued in the future.
    #[error("issued in the future")]
    NotYet,
    /// Its time is over.
    #[error("expired")]
    Expired,
}

/// Why no code was issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotIssued {
    /// The time does not fit in the four bytes of the claim: before 1970-01-02 or after 2106-02-07.
    #[error("the time does not fit the claim")]
    Time,
    /// The crypto library failed.
    #[error(transparent)]
    Failed(#[from] SigningFailed),
}

/// The name of a key that signs codes has two bytes, and this one has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name of a key for codes has two bytes")]
pub struct WrongKid;

/// Signs codes. All that is the same in every code of its key is laid out beforehand.
#[derive(Debug)]
pub struct Issuer {
    signer: Signer,
    token: [u8; TOKEN_BYTES],
    message: [u8; MESSAGE_BYTES],
}

impl Issuer {
    /// Issue codes under `signer`, whose name has two bytes.
    pub fn new(signer: Signer) -> Result<Self, WrongKid> {
        if signer.kid().as_bytes().len() != KID_BYTES {
            return Err(WrongKid);
        }
        let protected = cose::protected(signer.algorithm(), signer.kid(), None);
        let claims = [0; CLAIMS_BYTES];
        let token = cose::tagged(&protected, &claims, &[0; SIGNATURE_BYTES]);
        let message = cose::to_be_signed(&protected, &claims);
        Ok(Self {
            token: token.try_into().map_err(|_| WrongKid)?,
            message: message.try_into().map_err(|_| WrongKid)?,
            signer,
        })
    }

    /// The name of the key that signs.
    #[must_use]
    pub fn kid(&self) -> Kid {
        self.signer.kid()
    }

    /// A code that says `colour` from `issued_at`, cut to the second, for [`LIFE`].
    pub fn issue(
        &self,
        handle: Handle,
        colour: Colour,
        issued_at: DateTime<Utc>,
    ) -> Result<String, NotIssued> {
        let claims = claims(handle, colour, issued_at).ok_or(NotIssued::Time)?;
        let mut message = self.message;
        message[MESSAGE_BYTES - CLAIMS_BYTES..].copy_from_slice(&claims);
        let signature = self.signer.sign(&message)?;

        let mut token = self.token;
        token[13..13 + CLAIMS_BYTES].copy_from_slice(&claims);
        token[TOKEN_BYTES - SIGNATURE_BYTES..].copy_from_slice(&signature);
        Ok(base45::encode(PREFIX, &token))
    }
}

/// The claims, encoded. None if a time does not take exactly four bytes.
fn claims(handle: Handle, colour: Colour, issued_at: DateTime<Utc>) -> Option<[u8; CLAIMS_BYTES]> {
    let issued = four_bytes(issued_at)?;
    let expires = four_bytes(issued_at.checked_add_signed(LIFE)?)?;
    let mut claims = [0; CLAIMS_BYTES];
    claims[..3].copy_from_slice(&[0xA4, 0x04, 0x1A]);
    claims[3..7].copy_from_slice(&expires);
    claims[7..9].copy_from_slice(&[0x06, 0x1A]);
    claims[9..13].copy_from_slice(&issued);
    claims[13..15].copy_from_slice(&[0x07, 0x50]);
    claims[15..15 + HANDLE_BYTES].copy_from_slice(&handle.0);
    claims[31..36].copy_from_slice(&[0x3A, 0x00, 0x01, 0x00, 0x00]);
    claims[36] = colour.claim();
    Some(claims)
}

fn four_bytes(at: DateTime<Utc>) -> Option<[u8; 4]> {
    let seconds = u32::try_from(at.timestamp()).ok()?;
    (seconds > u32::from(u16::MAX)).then(|| seconds.to_be_bytes())
}

/// What `text` says, if it is a code that a key of `keys` signed and that is good at `now`.
///
/// `keys` is a list that the caller believes: verified against the root and not past its expiry.
/// The checks run from the cheap to the dear, and the claims are not looked at before the signature.
pub fn verify(
    text: &str,
    keys: &KeyList,
    now: DateTime<Utc>,
    skew: Skew,
) -> Result<VerifiedCode, Invalid> {
    let token = token_in(text, PREFIX, MAX_CHARACTERS)?;
    let message = Sign1::parse(&token)?;
    let claims = believed(&message, Purpose::Code, keys, now, skew)?;
    let code = read_claims(claims, message.kid()).ok_or(Invalid::Claims)?;
    check_time(code.issued_at, code.expires_at, LIFE, now, skew)?;
    Ok(code)
}

/// The same of a code that a verifier without a network accepted at `at`, which may be days ago: of a key
/// that is not in `keys` any more the signature is not checked again.
pub(super) fn verify_past(
    text: &str,
    keys: &KeyList,
    at: DateTime<Utc>,
) -> Result<VerifiedCode, Invalid> {
    let token = token_in(text, PREFIX, MAX_CHARACTERS)?;
    let message = Sign1::parse(&token)?;
    let claims = match keys.find(Purpose::Code, message.kid()) {
        Some(_) => believed(&message, Purpose::Code, keys, at, Skew::Offline)?,
        None => message.unverified(),
    };
    let code = read_claims(claims, message.kid()).ok_or(Invalid::Claims)?;
    check_time(code.issued_at, code.expires_at, LIFE, at, Skew::Offline)?;
    Ok(code)
}

/// The bytes of `text`, which begins with `prefix` and has at most `longest` characters.
pub(super) fn token_in(text: &str, prefix: &str, longest: usize) -> Result<Vec<u8>, Invalid> {
    if text.len() > longest {
        return Err(Invalid::TooLong);
    }
    let token = base45::decode(text.strip_prefix(prefix).ok_or(Invalid::Prefix)?)?;
    if token.first() == Some(&ZLIB) {
        return Err(Invalid::Compressed);
    }
    Ok(token)
}

/// What `message` says, if a key of `keys` for `purpose` signed it and is good at `now`.
pub(super) fn believed<'a>(
    message: &Sign1<'a>,
    purpose: Purpose,
    keys: &KeyList,
    now: DateTime<Utc>,
    skew: Skew,
) -> Result<&'a [u8], Invalid> {
    let listed = keys
        .find(purpose, message.kid())
        .ok_or(Invalid::UnknownKey)?;
    if listed.algorithm != message.algorithm() {
        return Err(Invalid::Algorithm);
    }
    if !listed.is_good_at(now, skew.tolerance()) {
        return Err(Invalid::KeyNotGood);
    }
    Ok(message.verify(&listed.key)?)
}

fn read_claims(claims: &[u8], kid: Kid) -> Option<VerifiedCode> {
    let claims = cbor::decode(claims).ok()?;
    let [expires_at, issued_at, handle, colour] = claims.record(CLAIMS)?;
    Some(VerifiedCode {
        handle: Handle(handle.bytes()?.try_into().ok()?),
        colour: Colour::from_claim(colour.int()?.try_into().ok()?)?,
        issued_at: DateTime::from_timestamp_secs(issued_at.int()?)?,
        expires_at: DateTime::from_timestamp_secs(expires_at.int()?)?,
        kid,
    })
}

/// Whether something that lives from `issued_at` to `expires_at`, at most `longest`, is good at `now`.
pub(super) fn check_time(
    issued_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    longest: TimeDelta,
    now: DateTime<Utc>,
    skew: Skew,
) -> Result<(), Invalid> {
    let skew = skew.tolerance();
    let life = expires_at.signed_duration_since(issued_at);
    if life <= TimeDelta::zero() || life > longest {
        return Err(Invalid::Life);
    }
    if now.signed_duration_since(issued_at) < -skew {
        return Err(Invalid::NotYet);
    }
    if now.signed_duration_since(expires_at) >= skew {
        return Err(Invalid::Expired);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
