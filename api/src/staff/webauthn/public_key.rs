//! Public keys as COSE writes them (RFC 9052 §7, RFC 9053 §7), of the two algorithms that every
//! authenticator has one of.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ED25519, ParsedPublicKey};

use super::Refused;
use crate::credentials::cbor;

/// What a key signs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::staff) enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

/// Key type, algorithm, curve: labels, and what they say of each algorithm.
const KTY: i64 = 1;
const ALG: i64 = 3;
const CRV: i64 = -1;
const X: i64 = -2;
const Y: i64 = -3;
const OKP: i64 = 1;
const EC2: i64 = 2;
const P256: i64 = 1;
const CURVE_ED25519: i64 = 6;

/// Bytes of a coordinate.
const COORDINATE: usize = 32;

impl Algorithm {
    /// The number in the IANA COSE registry.
    pub(in crate::staff) const fn id(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::EdDsa => -8,
        }
    }
}

/// What `key` signs with, if it is a point of its curve.
pub(super) fn algorithm(key: &[u8]) -> Result<Algorithm, Refused> {
    read(key).map(|(algorithm, _)| algorithm)
}

/// Whether the private half of `key` signed `message`.
pub(super) fn verify(key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), Refused> {
    let (_, key) = read(key)?;
    key.verify_sig(message, signature)
        .map_err(|_| Refused::Signature)
}

fn read(key: &[u8]) -> Result<(Algorithm, ParsedPublicKey), Refused> {
    parse(key).ok_or(Refused::Key)
}

fn parse(key: &[u8]) -> Option<(Algorithm, ParsedPublicKey)> {
    let key = cbor::decode(key).ok()?;
    if let Some([kty, alg, crv, x, y]) = key.record([KTY, ALG, CRV, X, Y]) {
        let says = [kty.int()?, alg.int()?, crv.int()?];
        let (x, y) = (coordinate(x)?, coordinate(y)?);
        let point = [&[4], x, y].concat();
        let parsed = ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).ok()?;
        return (says == [EC2, Algorithm::Es256.id(), P256]).then_some((Algorithm::Es256, parsed));
    }
    let [kty, alg, crv, x] = key.record([KTY, ALG, CRV, X])?;
    let says = [kty.int()?, alg.int()?, crv.int()?];
    let parsed = ParsedPublicKey::new(&ED25519, coordinate(x)?).ok()?;
    let expected = [OKP, Algorithm::EdDsa.id(), CURVE_ED25519];
    (says == expected).then_some((Algorithm::EdDsa, parsed))
}

fn coordinate<'a>(value: &cbor::Value<'a>) -> Option<&'a [u8]> {
    value.bytes().filter(|bytes| bytes.len() == COORDINATE)
}
