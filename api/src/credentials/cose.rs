//! Tagged `COSE_Sign1` (RFC 9052 §4.2) with Ed25519, in the one shape that is used here.
//!
//! ```text
//! 18([ bstr .cbor {1: alg, 4: kid}, {}, bstr payload, bstr signature[64] ])
//! ```
//!
//! What a standard gives a type says that as well, under 16, and nothing else is read as it.
//!
//! Nothing in a message chooses how it is checked: the key comes from a pinned list by its `kid`,
//! and an Ed25519 key checks Ed25519 signatures whatever `alg` says.
//!
//! Verification is aws-lc's. It follows RFC 8032 §5.1.7 without cofactor: `S` must be below the group
//! order, and the recomputed `R` must equal the signature's byte for byte, so nobody can turn one
//! valid signature into another. It does accept keys of small order, under which one signature fits
//! many messages; [`VerifyingKey::new`] therefore refuses those.

use std::fmt;

use aws_lc_rs::error::{KeyRejected, Unspecified};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, ParsedPublicKey};

use super::cbor::{self, Malformed, Value};

/// Bytes of an Ed25519 public key.
pub const PUBLIC_KEY_BYTES: usize = 32;
/// Bytes of an Ed25519 signature.
pub const SIGNATURE_BYTES: usize = 64;

/// The CBOR tag of `COSE_Sign1`.
const SIGN1_TAG: u64 = 18;
/// Header label of the algorithm.
const ALG: i64 = 1;
/// Header label of the key id.
const KID: i64 = 4;
/// Header label of the type (RFC 9596).
const TYPE: i64 = 16;

/// The encodings of y (sign bit cleared) of the points whose order is 1, 2, 4 or 8, with the two
/// that are not reduced.
const SMALL_ORDER: [[u8; PUBLIC_KEY_BYTES]; 7] = [
    [0; PUBLIC_KEY_BYTES],
    ends(0x01, 0x00, 0x00),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
    ends(0xec, 0xff, 0x7f),
    ends(0xed, 0xff, 0x7f),
    ends(0xee, 0xff, 0x7f),
];

const fn ends(first: u8, middle: u8, last: u8) -> [u8; PUBLIC_KEY_BYTES] {
    let mut bytes = [middle; PUBLIC_KEY_BYTES];
    bytes[0] = first;
    bytes[PUBLIC_KEY_BYTES - 1] = last;
    bytes
}

/// How a message says that it is signed. Both names mean Ed25519 with an Ed25519 key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// −8 (RFC 9053): what every library reads today.
    EdDsa,
    /// −19 (RFC 9864): the name that replaces it.
    Ed25519,
}

impl Algorithm {
    /// The number in the IANA COSE registry.
    #[must_use]
    pub const fn id(self) -> i64 {
        match self {
            Self::EdDsa => -8,
            Self::Ed25519 => -19,
        }
    }

    /// The algorithm of that number, if it is one of these two.
    #[must_use]
    pub fn from_id(id: i64) -> Option<Self> {
        [Self::EdDsa, Self::Ed25519]
            .into_iter()
            .find(|algorithm| algorithm.id() == id)
    }
}

/// The name of a key: one to eight bytes, published, and without meaning.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kid {
    len: u8,
    bytes: [u8; Self::MAX_BYTES],
}

impl Kid {
    /// The longest.
    pub const MAX_BYTES: usize = 8;

    /// A name of one to eight bytes.
    #[must_use]
    pub fn new(name: &[u8]) -> Option<Self> {
        let mut bytes = [0; Self::MAX_BYTES];
        bytes.get_mut(..name.len())?.copy_from_slice(name);
        let len = u8::try_from(name.len()).ok().filter(|len| *len > 0)?;
        Some(Self { len, bytes })
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }
}

impl fmt::Display for Kid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes()
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Kid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kid({self})")
    }
}

/// A signing key with its name, parsed once and held.
pub struct Signer {
    kid: Kid,
    algorithm: Algorithm,
    key: Ed25519KeyPair,
}

impl Signer {
    /// Sign as `kid`, announcing `algorithm`.
    #[must_use]
    pub fn new(kid: Kid, algorithm: Algorithm, key: Ed25519KeyPair) -> Self {
        Self {
            kid,
            algorithm,
            key,
        }
    }

    /// The name under which verifiers find the public key.
    #[must_use]
    pub fn kid(&self) -> Kid {
        self.kid
    }

    /// The algorithm that its messages announce.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The public key, as RFC 8032 encodes it.
    #[must_use]
    pub fn public_key(&self) -> [u8; PUBLIC_KEY_BYTES] {
        let mut bytes = [0; PUBLIC_KEY_BYTES];
        for (to, from) in bytes.iter_mut().zip(self.key.public_key().as_ref()) {
            *to = *from;
        }
        bytes
    }

    /// The bare signature of `message`. Callers sign claims, never what someone handed them.
    pub(super) fn sign(&self, message: &[u8]) -> Result<[u8; SIGNATURE_BYTES], SigningFailed> {
        let signature = self.key.try_sign(message)?;
        signature.as_ref().try_into().map_err(|_| SigningFailed)
    }

    /// `payload` signed, as a tagged `COSE_Sign1`.
    pub(super) fn sign1(&self, payload: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        self.sign1_as(None, payload)
    }

    /// The same, which says that it is of the type `typ`.
    pub(super) fn sign1_as(
        &self,
        typ: Option<&str>,
        payload: &[u8],
    ) -> Result<Vec<u8>, SigningFailed> {
        let protected = protected(self.algorithm, self.kid, typ);
        let signature = self.sign(&to_be_signed(&protected, payload))?;
        Ok(tagged(&protected, payload, &signature))
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

/// The crypto library could not sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("signing failed")]
pub struct SigningFailed;

impl From<Unspecified> for SigningFailed {
    fn from(_: Unspecified) -> Self {
        Self
    }
}

/// A public key with its name, parsed once and held.
#[derive(Clone)]
pub struct VerifyingKey {
    kid: Kid,
    bytes: [u8; PUBLIC_KEY_BYTES],
    key: ParsedPublicKey,
}

/// Not a public key to trust: of small order, or not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an acceptable Ed25519 public key")]
pub struct WeakKey;

impl From<KeyRejected> for WeakKey {
    fn from(_: KeyRejected) -> Self {
        Self
    }
}

impl VerifyingKey {
    /// The key of that name. Refused if its order is small.
    pub fn new(kid: Kid, bytes: [u8; PUBLIC_KEY_BYTES]) -> Result<Self, WeakKey> {
        let mut without_sign = bytes;
        without_sign[PUBLIC_KEY_BYTES - 1] &= 0x7F;
        if SMALL_ORDER.contains(&without_sign) {
            return Err(WeakKey);
        }
        let key = ParsedPublicKey::new(&ED25519, bytes)?;
        Ok(Self { kid, bytes, key })
    }

    /// Its name.
    #[must_use]
    pub fn kid(&self) -> &Kid {
        &self.kid
    }

    /// Whether this key made the bare `signature` of `message`.
    pub fn check(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        let checked = self.key.verify_sig(message, signature);
        checked.map_err(|Unspecified| BadSignature)
    }

    /// The key, as RFC 8032 encodes it.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; PUBLIC_KEY_BYTES] {
        &self.bytes
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

/// Why bytes are not a signed message of the one shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSign1 {
    /// They are not deterministic CBOR.
    #[error(transparent)]
    Cbor(#[from] Malformed),
    /// Not tag 18 over four elements of the right kinds.
    #[error("not a tagged COSE_Sign1")]
    Shape,
    /// The unprotected map holds something.
    #[error("the unprotected header is not empty")]
    Unprotected,
    /// The protected keys are not exactly 1 and 4, or the type is not the one that is read, or the key id is
    /// not one to eight bytes.
    #[error("the protected header is not {{1: alg, 4: kid}}")]
    Protected,
    /// `alg` is none of ours.
    #[error("another algorithm")]
    Algorithm,
}

/// The signature does not fit the message and the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not fit")]
pub struct BadSignature;

/// A signed message taken apart and not yet believed.
#[derive(Debug, Clone, Copy)]
pub struct Sign1<'a> {
    algorithm: Algorithm,
    kid: Kid,
    protected: &'a [u8],
    payload: &'a [u8],
    signature: &'a [u8; SIGNATURE_BYTES],
}

impl<'a> Sign1<'a> {
    /// Take `bytes` apart, which have no type.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, NotSign1> {
        Self::parse_as(None, bytes)
    }

    /// Take `bytes` apart, which are of the type `typ`.
    pub fn parse_as(typ: Option<&str>, bytes: &'a [u8]) -> Result<Self, NotSign1> {
        let Value::Tag(SIGN1_TAG, message) = cbor::decode(bytes)? else {
            return Err(NotSign1::Shape);
        };
        let Some(
            [
                Value::Bytes(protected),
                Value::Map(unprotected),
                Value::Bytes(payload),
                Value::Bytes(signature),
            ],
        ) = message.array()
        else {
            return Err(NotSign1::Shape);
        };
        if !unprotected.is_empty() {
            return Err(NotSign1::Unprotected);
        }
        let (algorithm, kid) = header(protected, typ)?;
        Ok(Self {
            algorithm,
            kid,
            protected,
            payload,
            signature: (*signature).try_into().map_err(|_| NotSign1::Shape)?,
        })
    }

    /// The algorithm that it announces.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key that it says signed it.
    #[must_use]
    pub fn kid(&self) -> Kid {
        self.kid
    }

    /// The payload, whoever signed it.
    pub(super) fn unverified(&self) -> &'a [u8] {
        self.payload
    }

    /// The payload, if `key` signed this message.
    pub fn verify(&self, key: &VerifyingKey) -> Result<&'a [u8], BadSignature> {
        let message = to_be_signed(self.protected, self.payload);
        match key.key.verify_sig(&message, self.signature) {
            Ok(()) => Ok(self.payload),
            Err(Unspecified) => Err(BadSignature),
        }
    }
}

fn header(protected: &[u8], typ: Option<&str>) -> Result<(Algorithm, Kid), NotSign1> {
    let header = cbor::decode(protected)?;
    let (algorithm, kid) = match typ {
        None => {
            let [algorithm, kid] = header.record([ALG, KID]).ok_or(NotSign1::Protected)?;
            (algorithm, kid)
        }
        Some(typ) => {
            let header = header.record([ALG, KID, TYPE]);
            let [algorithm, kid, stated] = header.ok_or(NotSign1::Protected)?;
            if stated.text() != Some(typ) {
                return Err(NotSign1::Protected);
            }
            (algorithm, kid)
        }
    };
    let algorithm = algorithm
        .int()
        .and_then(Algorithm::from_id)
        .ok_or(NotSign1::Algorithm)?;
    let kid = kid.bytes().and_then(Kid::new).ok_or(NotSign1::Protected)?;
    Ok((algorithm, kid))
}

/// The protected header, encoded.
pub(super) fn protected(algorithm: Algorithm, kid: Kid, typ: Option<&str>) -> Vec<u8> {
    let mut header = vec![
        (Value::Int(ALG), Value::Int(algorithm.id())),
        (Value::Int(KID), Value::Bytes(kid.as_bytes())),
    ];
    header.extend(typ.map(|typ| (Value::Int(TYPE), Value::Text(typ))));
    cbor::encode(&Value::Map(header))
}

/// The `Sig_structure` of RFC 9052 §4.4, without external data.
pub(super) fn to_be_signed(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    cbor::encode(&Value::Array(vec![
        Value::Text("Signature1"),
        Value::Bytes(protected),
        Value::Bytes(&[]),
        Value::Bytes(payload),
    ]))
}

/// The message, whole.
pub(super) fn tagged(
    protected: &[u8],
    payload: &[u8],
    signature: &[u8; SIGNATURE_BYTES],
) -> Vec<u8> {
    let message = Value::Array(vec![
        Value::Bytes(protected),
        Value::Map(vec![]),
        Value::Bytes(payload),
        Value::Bytes(signature),
    ]);
    cbor::encode(&Value::Tag(SIGN1_TAG, Box::new(message)))
}

#[cfg(test)]
mod tests;
