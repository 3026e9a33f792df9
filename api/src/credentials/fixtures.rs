//! Keys and times that the tests of this feature share.

use aws_lc_rs::signature::Ed25519KeyPair;
use chrono::{DateTime, TimeDelta, Utc};

use super::cose::{Algorithm, Kid, Signer, VerifyingKey};
use super::key_list::{KeyList, ListedKey, Purpose, Status};
use super::personal_code::Issuer;

/// 2026-11-22 08:00 in Shanghai, to the second.
pub(super) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_secs(1_795_305_600).unwrap()
}

/// The key that grows from 32 times `seed`.
pub(super) fn signer(kid: &[u8], seed: u8) -> Signer {
    signer_announcing(Algorithm::EdDsa, kid, seed)
}

pub(super) fn signer_announcing(algorithm: Algorithm, kid: &[u8], seed: u8) -> Signer {
    let key = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
    Signer::new(Kid::new(kid).unwrap(), algorithm, key)
}

/// The public half of `signer`.
pub(super) fn public(signer: &Signer) -> VerifyingKey {
    VerifyingKey::new(signer.kid(), signer.public_key()).unwrap()
}

/// The key that signs codes in these tests.
pub(super) fn code_signer() -> Signer {
    signer(&[0xC0, 0xDE], 1)
}

pub(super) fn issuer() -> Issuer {
    Issuer::new(code_signer()).unwrap()
}

/// `signer` as the list has it on the day of [`now`].
pub(super) fn listed(purpose: Purpose, signer: &Signer) -> ListedKey {
    ListedKey {
        purpose,
        algorithm: signer.algorithm(),
        key: public(signer),
        not_before: now() - TimeDelta::hours(12),
        expires_at: now() + TimeDelta::hours(12),
        status: Status::Active,
    }
}

/// A list of `keys`, issued a minute ago.
pub(super) fn list_of(keys: Vec<ListedKey>) -> KeyList {
    let issued_at = now() - TimeDelta::minutes(1);
    KeyList {
        version: 7,
        issued_at,
        next_update: issued_at + TimeDelta::hours(1),
        expires_at: issued_at + TimeDelta::hours(72),
        keys,
    }
}

/// A list with the key of [`code_signer`] and one for permits.
pub(super) fn key_list() -> KeyList {
    list_of(vec![
        listed(Purpose::Code, &code_signer()),
        listed(Purpose::Permit, &signer(&[0x0F, 0xF0], 2)),
    ])
}
