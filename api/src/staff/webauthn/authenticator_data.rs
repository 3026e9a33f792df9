//! What the authenticator says (§6.1).

use aws_lc_rs::digest::{SHA256, digest};

use super::Refused;
use crate::credentials::cbor;

/// Somebody touched the authenticator.
const PRESENT: u8 = 1;
/// The authenticator asked who is there, and knows.
const VERIFIED: u8 = 1 << 2;
/// A key follows.
const WITH_KEY: u8 = 1 << 6;
/// Extensions follow.
const WITH_EXTENSIONS: u8 = 1 << 7;

/// Bytes that name the make of an authenticator.
const AAGUID: usize = 16;

/// Bytes of a credential's id, at the most (§6.5.1).
const LONGEST_ID: usize = 1023;

/// What an authenticator says.
#[derive(Debug)]
pub(super) struct AuthenticatorData<'a> {
    party: &'a [u8; 32],
    flags: u8,
    /// How often its key was used, or zero.
    pub(super) counter: u32,
    /// The id of a key that it made, and the key as COSE writes it.
    pub(super) credential: Option<(&'a [u8], &'a [u8])>,
}

impl<'a> AuthenticatorData<'a> {
    /// Take `bytes` apart. Nothing may follow what the flags announce.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Refused> {
        Self::parse(bytes).ok_or(Refused::AuthenticatorData)
    }

    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (party, rest) = bytes.split_first_chunk()?;
        let (&[flags], rest) = rest.split_first_chunk()?;
        let (counter, rest) = rest.split_first_chunk()?;
        let (credential, rest) = if flags & WITH_KEY == 0 {
            (None, rest)
        } else {
            let (credential, rest) = credential(rest)?;
            (Some(credential), rest)
        };
        // What extensions say is not asked for, and not read.
        let whole = rest.is_empty() || flags & WITH_EXTENSIONS != 0;
        whole.then_some(Self {
            party,
            flags,
            counter: u32::from_be_bytes(*counter),
            credential,
        })
    }

    /// Whether it is about a key for the domain `party`, with its owner there and verified.
    pub(super) fn check(&self, party: &str) -> Result<(), Refused> {
        if self.party.as_slice() != digest(&SHA256, party.as_bytes()).as_ref() {
            return Err(Refused::RelyingParty);
        }
        if self.flags & PRESENT == 0 {
            return Err(Refused::NotPresent);
        }
        if self.flags & VERIFIED == 0 {
            return Err(Refused::NotVerified);
        }
        Ok(())
    }
}

/// A key's id, the key, and what follows.
type Credential<'a> = ((&'a [u8], &'a [u8]), &'a [u8]);

fn credential(bytes: &[u8]) -> Option<Credential<'_>> {
    let (_, rest) = bytes.split_at_checked(AAGUID)?;
    let (length, rest) = rest.split_first_chunk()?;
    let length = usize::from(u16::from_be_bytes(*length));
    if length == 0 || length > LONGEST_ID {
        return None;
    }
    let (id, rest) = rest.split_at_checked(length)?;
    let (_, after) = cbor::decode_first(rest).ok()?;
    let key = rest.get(..rest.len() - after.len())?;
    Some(((id, key), after))
}
