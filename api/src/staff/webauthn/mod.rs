//! What an authenticator proves: that it made a key for this service, and that its owner is there
//! (W3C Web Authentication, §7.1 and §7.2).
//!
//! Pure: the challenge is an argument, and so is the key that was kept. Which authenticator it is
//! does not matter, so the only attestation is none. Keys are ES256 or Ed25519.

mod authenticator_data;
mod client_data;
mod public_key;
#[cfg(test)]
mod tests;

use aws_lc_rs::digest::{SHA256, digest};

use self::authenticator_data::AuthenticatorData;
pub(super) use self::{
    client_data::{Ceremony, ClientData},
    public_key::Algorithm,
};
use crate::credentials::cbor;

/// The service that keys are made for.
#[derive(Debug, Clone, Copy)]
pub(super) struct RelyingParty<'a> {
    /// Its domain.
    pub(super) id: &'a str,
    /// The pages on which keys may be used.
    pub(super) origins: &'a [String],
}

/// Why something proves nothing. The caller is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    /// What the browser says cannot be read.
    #[error("the client data cannot be read")]
    ClientData,
    /// It is about making a key where one was to be used, or the other way round.
    #[error("another ceremony")]
    Ceremony,
    /// It answers another challenge.
    #[error("another challenge")]
    Challenge,
    /// It was made on another page, or within one.
    #[error("another origin")]
    Origin,
    /// What the authenticator says cannot be read.
    #[error("the authenticator data cannot be read")]
    AuthenticatorData,
    /// The key is for another domain.
    #[error("another relying party")]
    RelyingParty,
    /// Nobody touched the authenticator.
    #[error("nobody is present")]
    NotPresent,
    /// The authenticator did not ask who is there.
    #[error("nobody is verified")]
    NotVerified,
    /// It says that it is something else than an authenticator of unknown make.
    #[error("another attestation than none")]
    Attestation,
    /// Not a public key of one of the algorithms.
    #[error("not a public key that is accepted")]
    Key,
    /// The signature does not fit.
    #[error("the signature does not fit")]
    Signature,
}

/// A key that an authenticator made for us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Made {
    /// What the authenticator calls it.
    pub(super) id: Vec<u8>,
    /// The public key, as COSE writes it.
    pub(super) key: Vec<u8>,
    /// The signature counter. Zero where the authenticator does not count.
    pub(super) counter: u32,
}

/// The key that an authenticator made in answer to `challenge`.
pub(super) fn made(
    party: RelyingParty<'_>,
    challenge: &str,
    client_data: &[u8],
    attestation: &[u8],
) -> Result<Made, Refused> {
    ClientData::read(client_data)?.check(Ceremony::Create, challenge, party.origins)?;
    let data = unattested(attestation)?;
    let data = AuthenticatorData::read(data)?;
    data.check(party.id)?;
    let (id, key) = data.credential.ok_or(Refused::AuthenticatorData)?;
    public_key::algorithm(key)?;
    Ok(Made {
        id: id.to_vec(),
        key: key.to_vec(),
        counter: data.counter,
    })
}

/// The authenticator data of an attestation object without attestation.
fn unattested(attestation: &[u8]) -> Result<&[u8], Refused> {
    let object = cbor::decode(attestation).map_err(|_| Refused::AuthenticatorData)?;
    let cbor::Value::Map(entries) = object else {
        return Err(Refused::AuthenticatorData);
    };
    let field = |name| {
        let found = entries.iter().find(|(key, _)| key.text() == Some(name));
        found.map(|(_, value)| value)
    };
    if field("fmt").and_then(cbor::Value::text) != Some("none") {
        return Err(Refused::Attestation);
    }
    field("authData")
        .and_then(cbor::Value::bytes)
        .ok_or(Refused::AuthenticatorData)
}

/// What an authenticator says when its key is used.
#[derive(Debug, Clone, Copy)]
pub(super) struct Assertion<'a> {
    /// What the browser says.
    pub(super) client_data: &'a [u8],
    /// What the authenticator says.
    pub(super) authenticator_data: &'a [u8],
    /// Its signature of both.
    pub(super) signature: &'a [u8],
}

/// The signature counter of an assertion, if whoever made it has the private half of `key` and was
/// asked for `challenge`.
pub(super) fn proved(
    party: RelyingParty<'_>,
    challenge: &str,
    key: &[u8],
    assertion: Assertion<'_>,
) -> Result<u32, Refused> {
    ClientData::read(assertion.client_data)?.check(Ceremony::Get, challenge, party.origins)?;
    let data = AuthenticatorData::read(assertion.authenticator_data)?;
    data.check(party.id)?;
    let hash = digest(&SHA256, assertion.client_data);
    let signed = [assertion.authenticator_data, hash.as_ref()].concat();
    public_key::verify(key, &signed, assertion.signature)?;
    Ok(data.counter)
}

/// Whether a signature counter may follow the one before: it grows, unless the authenticator does
/// not count. One that stands still or goes back is that of a copy.
pub(super) fn counts_on(before: i64, now: u32) -> bool {
    i64::from(now) > before || (before == 0 && now == 0)
}
