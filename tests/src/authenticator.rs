//! What members of staff prove themselves with, as a phone or a key does it: written from the
//! standards, apart from the service.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use coset::{CborSerializable, CoseKeyBuilder, iana};
use serde_json::{Value, json};

/// What the tests' pages are.
pub const ORIGIN: &str = "http://localhost:8080";

/// The code that an app which read `uri` shows at `time` (RFC 6238).
#[must_use]
pub fn totp(uri: &str, time: DateTime<Utc>) -> String {
    miniapp_mock::authenticator::totp(uri, time).expect("an otpauth address")
}

/// What an authenticator's key signs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signs {
    /// ECDSA on P-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

#[derive(Debug)]
enum Key {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
}

/// An authenticator with one key, and the browser that it is plugged into.
#[derive(Debug)]
pub struct Authenticator {
    key: Key,
    id: Vec<u8>,
    /// What it last counted. Clones of a key count apart.
    pub counter: u32,
    /// The page that the browser shows.
    pub origin: String,
    /// Whether it knows who touches it.
    pub verifies: bool,
}

impl Authenticator {
    /// A new one.
    #[must_use]
    pub fn new(signs: Signs) -> Self {
        let key = match signs {
            Signs::Es256 => {
                Key::Es256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key"))
            }
            Signs::EdDsa => Key::EdDsa(Ed25519KeyPair::generate().expect("a key")),
        };
        let id = digest(&SHA256, &key.public()).as_ref()[..20].to_vec();
        Self {
            key,
            id,
            counter: 0,
            origin: ORIGIN.into(),
            verifies: true,
        }
    }

    /// What the page sends after `navigator.credentials.create` with `options`.
    #[must_use]
    pub fn make(&self, options: &Value) -> Value {
        let algorithms = options["pubKeyCredParams"].as_array().expect("algorithms");
        let signs = algorithms.iter().any(|a| a["alg"] == self.key.algorithm());
        assert!(signs, "not asked for: {options}");
        assert_eq!(options["attestation"], "none");
        let client_data = self.client_data("webauthn.create", options);
        let mut data = self.data(options["rp"]["id"].as_str().expect("a domain"), 0x40);
        data.extend_from_slice(&[0; 16]);
        data.extend_from_slice(&u16::try_from(self.id.len()).expect("short").to_be_bytes());
        data.extend_from_slice(&self.id);
        data.extend_from_slice(&self.key.cose());
        let object = coset::cbor::Value::Map(vec![
            ("fmt".into(), "none".into()),
            ("attStmt".into(), coset::cbor::Value::Map(vec![])),
            ("authData".into(), data.into()),
        ]);
        json!({
            "client_data": BASE64_URL_SAFE_NO_PAD.encode(client_data),
            "attestation_object": BASE64_URL_SAFE_NO_PAD.encode(object.to_vec().expect("CBOR")),
        })
    }

    /// What the page sends after `navigator.credentials.get` with `options`.
    #[must_use]
    pub fn use_key(&mut self, options: &Value) -> Value {
        assert_eq!(options["userVerification"], "required");
        self.counter += 1;
        let client_data = self.client_data("webauthn.get", options);
        let data = self.data(options["rpId"].as_str().expect("a domain"), 0);
        let hash = digest(&SHA256, client_data.as_bytes());
        let signature = self.key.sign(&[&data, hash.as_ref()].concat());
        json!({
            "credential_id": BASE64_URL_SAFE_NO_PAD.encode(&self.id),
            "client_data": BASE64_URL_SAFE_NO_PAD.encode(client_data),
            "authenticator_data": BASE64_URL_SAFE_NO_PAD.encode(data),
            "signature": BASE64_URL_SAFE_NO_PAD.encode(signature),
        })
    }

    fn client_data(&self, ceremony: &str, options: &Value) -> String {
        json!({
            "type": ceremony,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": false,
        })
        .to_string()
    }

    fn data(&self, domain: &str, flags: u8) -> Vec<u8> {
        let present = if self.verifies { 0x05 } else { 0x01 };
        let domain = digest(&SHA256, domain.as_bytes());
        [
            domain.as_ref(),
            &[flags | present],
            &self.counter.to_be_bytes(),
        ]
        .concat()
    }
}

impl Key {
    fn public(&self) -> Vec<u8> {
        match self {
            Self::Es256(key) => key.public_key().as_ref().to_vec(),
            Self::EdDsa(key) => key.public_key().as_ref().to_vec(),
        }
    }

    fn algorithm(&self) -> i64 {
        match self {
            Self::Es256(_) => -7,
            Self::EdDsa(_) => -8,
        }
    }

    fn cose(&self) -> Vec<u8> {
        let public = self.public();
        let key = match self {
            Self::Es256(_) => CoseKeyBuilder::new_ec2_pub_key(
                iana::EllipticCurve::P_256,
                public[1..33].to_vec(),
                public[33..].to_vec(),
            )
            .algorithm(iana::Algorithm::ES256),
            Self::EdDsa(_) => CoseKeyBuilder::new_okp_key()
                .algorithm(iana::Algorithm::EdDSA)
                .param(
                    iana::OkpKeyParameter::Crv as i64,
                    (iana::EllipticCurve::Ed25519 as i64).into(),
                )
                .param(iana::OkpKeyParameter::X as i64, public.into()),
        };
        key.build().to_vec().expect("CBOR")
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Es256(key) => {
                let signature = key.sign(&SystemRandom::new(), message);
                signature.expect("a signature").as_ref().to_vec()
            }
            Self::EdDsa(key) => key.sign(message).as_ref().to_vec(),
        }
    }
}
