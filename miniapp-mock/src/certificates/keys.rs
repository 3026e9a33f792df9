//! Keys that sign ID tokens: ES256.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::crypto::random_hex;

/// A key and its name.
pub(super) struct Key {
    pair: EcdsaKeyPair,
    pub(super) kid: String,
}

impl Key {
    #[expect(
        clippy::expect_used,
        reason = "a machine without randomness cannot serve at all"
    )]
    pub(super) fn new() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
        Self {
            pair: pair.expect("the machine has randomness"),
            kid: random_hex::<8>(),
        }
    }

    /// The point of the public key: its two coordinates after a byte.
    pub(super) fn point(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    /// As it is published (RFC 7517).
    pub(super) fn published(&self) -> Value {
        let (x, y) = self.point().split_at_checked(33).unwrap_or_default();
        json!({
            "kty": "EC",
            "crv": "P-256",
            "use": "sig",
            "alg": "ES256",
            "kid": self.kid,
            "x": encoded(x.get(1..).unwrap_or_default()),
            "y": encoded(y),
        })
    }

    #[expect(clippy::expect_used, reason = "an elliptic curve key signs")]
    pub(super) fn sign(&self, message: &str) -> String {
        let signature = self.pair.sign(&SystemRandom::new(), message.as_bytes());
        encoded(signature.expect("the key signs").as_ref())
    }
}

pub(super) fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
