//! The few primitives the platforms sign and encrypt with, and randomness.

use aws_lc_rs::cipher::{
    AES_128, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey,
    PaddedBlockEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};
use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const LETTERS: &[u8; 62] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// A key that is not what it should be.
#[derive(Debug, thiserror::Error)]
#[error("not a usable key")]
pub(crate) struct BadKey;

pub(crate) fn base64_encode(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

pub(crate) fn base64_decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    for (to, from) in out
        .iter_mut()
        .zip(digest::digest(&digest::SHA256, bytes).as_ref())
    {
        *to = *from;
    }
    out
}

pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(sha256(bytes))
}

pub(crate) fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, message).as_ref().to_vec()
}

#[expect(
    clippy::expect_used,
    reason = "a machine without randomness cannot serve at all"
)]
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("the machine has randomness");
    bytes
}

/// `N` random bytes in hex.
pub(crate) fn random_hex<const N: usize>() -> String {
    hex::encode(random::<N>())
}

/// `N` random letters and digits.
pub(crate) fn random_letters<const N: usize>() -> String {
    random::<N>().iter().map(|byte| letter(*byte)).collect()
}

/// The letter or digit that stands for `byte`.
pub(crate) fn letter(byte: u8) -> char {
    LETTERS
        .get(usize::from(byte) % LETTERS.len())
        .copied()
        .map_or('0', char::from)
}

/// A request id in the form of a UUID.
pub(crate) fn request_id() -> String {
    let text = random_hex::<16>();
    let mut out = String::with_capacity(36);
    for (index, letter) in text.chars().enumerate() {
        if matches!(index, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        out.push(letter);
    }
    out
}

/// An RSA private key that signs PKCS#1 v1.5 with SHA-256 ("RSA2").
pub(crate) struct SigningKey(KeyPair);

impl SigningKey {
    /// Read base64 PKCS#8 or PKCS#1; Alipay's key tool makes either.
    pub(crate) fn from_base64(text: &str) -> Result<Self, BadKey> {
        let der = base64_decode(text.trim()).ok_or(BadKey)?;
        KeyPair::from_pkcs8(&der)
            .or_else(|_| KeyPair::from_der(&der))
            .map(Self)
            .map_err(|_| BadKey)
    }

    /// The signature over `message`, in base64.
    #[expect(
        clippy::expect_used,
        reason = "the buffer has the length of the modulus, the only way to fail"
    )]
    pub(crate) fn sign(&self, message: &[u8]) -> String {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message,
                &mut signature,
            )
            .expect("an RSA key signs");
        base64_encode(signature)
    }
}

/// An RSA public key that checks what a [`SigningKey`] signed.
pub(crate) struct VerifyingKey(Vec<u8>);

impl VerifyingKey {
    /// Read base64 SPKI, the form in which keys are exchanged with Alipay.
    pub(crate) fn from_base64(text: &str) -> Result<Self, BadKey> {
        let der = base64_decode(text.trim()).ok_or(BadKey)?;
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &der)
            .parse()
            .map_err(|_| BadKey)?;
        Ok(Self(der))
    }

    /// The key itself.
    pub(crate) fn spki(&self) -> &[u8] {
        &self.0
    }

    /// Whether `signature` (base64) is this key's over `message`.
    pub(crate) fn accepts(&self, message: &[u8], signature: &str) -> bool {
        base64_decode(signature).is_some_and(|signature| {
            UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.0)
                .verify(message, &signature)
                .is_ok()
        })
    }
}

/// An AES-128-CBC key used with an IV of zeros, as Alipay does for contents.
pub(crate) struct ContentKey([u8; 16]);

impl ContentKey {
    /// Read base64 of 16 bytes.
    pub(crate) fn from_base64(text: &str) -> Result<Self, BadKey> {
        let bytes = base64_decode(text.trim()).ok_or(BadKey)?;
        bytes.try_into().map(Self).map_err(|_| BadKey)
    }

    /// `plain` encrypted with PKCS#7 padding, in base64.
    #[expect(clippy::expect_used, reason = "a 16-byte key encrypts any plaintext")]
    pub(crate) fn encrypt(&self, plain: &[u8]) -> String {
        let mut text = plain.to_vec();
        let key = UnboundCipherKey::new(&AES_128, &self.0).expect("the key has 16 bytes");
        PaddedBlockEncryptingKey::cbc_pkcs7(key)
            .expect("AES-128 has a CBC mode")
            .less_safe_encrypt(&mut text, EncryptionContext::Iv128(zero_iv()))
            .expect("padding makes whole blocks");
        base64_encode(text)
    }

    /// What `content` (base64) was before it was encrypted with this key.
    pub(crate) fn decrypt(&self, content: &str) -> Option<Vec<u8>> {
        let mut text = base64_decode(content)?;
        let key = UnboundCipherKey::new(&AES_128, &self.0).ok()?;
        let plain = PaddedBlockDecryptingKey::cbc_pkcs7(key)
            .ok()?
            .decrypt(&mut text, DecryptionContext::Iv128(zero_iv()))
            .ok()?;
        Some(plain.to_vec())
    }
}

fn zero_iv() -> FixedLength<16> {
    FixedLength::from(&[0; 16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_are_encrypted_as_alipay_does() {
        let key = ContentKey::from_base64("MDEyMzQ1Njc4OWFiY2RlZg==").unwrap();
        let plain = br#"{"code":"10000","msg":"Success","mobile":"13800138000"}"#;
        let sealed = "sb44umJUD7auqhU6RDzOGa1sxXOWIxth2OsK89GQTNPRxZi2dPdOL4ira86T2iPggMr+qCFgt5esijRcw3SGIA==";

        assert_eq!(key.encrypt(plain), sealed);
        assert_eq!(key.decrypt(sealed).unwrap(), plain);
        for wrong in ["", "not base64", "AAAA"] {
            assert_eq!(key.decrypt(wrong), None);
        }
    }

    #[test]
    fn session_signatures_use_the_text_of_the_key() {
        let signature = hex::encode(hmac_sha256(b"tiihtNczf5v6AKRyjwEUhQ==", b""));
        assert_eq!(
            signature,
            "7154f9f8b4b76b92f541cbf0e37d48840fa06e5e42da92a6f80168a1516a4735"
        );
    }

    #[test]
    fn a_signature_holds_for_its_message_and_no_other() {
        let key = SigningKey::from_base64(crate::dev::ALIPAY_APP_PRIVATE_KEY_PKCS8_B64).unwrap();
        let check = VerifyingKey::from_base64(crate::dev::ALIPAY_APP_PUBLIC_KEY_B64).unwrap();
        let signature = key.sign(b"one");

        assert!(check.accepts(b"one", &signature));
        assert!(!check.accepts(b"two", &signature));
        assert!(!check.accepts(b"one", "not base64"));
    }
}
