//! RSA2 (SHA-256 with RSA, PKCS #1 v1.5) and the content cipher, with keys as Alipay hands them out:
//! base64 on one line or PEM.

use anyhow::{Context, anyhow};
use aws_lc_rs::{
    cipher::{
        AES_128, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey,
        PaddedBlockEncryptingKey, UnboundCipherKey,
    },
    encoding::{AsDer, PublicKeyX509Der},
    iv::FixedLength,
    rand::SystemRandom,
    rsa::KeyPair,
    signature::{KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use crate::platform::Secret;

/// Our key: what we say to Alipay is signed with it.
pub(super) struct AppKey(KeyPair);

impl AppKey {
    /// Read a PKCS #8 or PKCS #1 private key.
    pub(super) fn parse(text: &Secret) -> anyhow::Result<Self> {
        let der = Zeroizing::new(der(text.reveal()).context("the app's private key")?);
        KeyPair::from_pkcs8(&der)
            .or_else(|_| KeyPair::from_der(&der))
            .map(Self)
            .map_err(|_| anyhow!("the app's private key is no RSA key of 2048 bits or more"))
    }

    /// Whether `spki` is the public half of this key.
    pub(super) fn is_certified_by(&self, spki: &[u8]) -> bool {
        let own: Result<PublicKeyX509Der<'_>, _> = self.0.public_key().as_der();
        own.is_ok_and(|own| own.as_ref() == spki)
    }

    /// The signature over `text`, in base64.
    pub(super) fn sign(&self, text: &str) -> anyhow::Result<String> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                text.as_bytes(),
                &mut signature,
            )
            .map_err(|_| anyhow!("signing failed"))?;
        Ok(STANDARD.encode(signature))
    }
}

/// Alipay's key: what Alipay says to us verifies under it.
pub(super) struct AlipayKey(ParsedPublicKey);

impl AlipayKey {
    /// Read an X.509 or PKCS #1 public key.
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        Self::of_der(der(text).context("Alipay's public key")?)
    }

    /// The same without its wrapping.
    pub(super) fn of_der(der: Vec<u8>) -> anyhow::Result<Self> {
        ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der)
            .map(Self)
            .map_err(|_| anyhow!("Alipay's public key is no RSA key of 2048 bits or more"))
    }

    /// Whether `signature` (base64) is Alipay's over exactly `text`.
    pub(super) fn vouches_for(&self, text: &str, signature: &str) -> bool {
        STANDARD
            .decode(signature)
            .is_ok_and(|signature| self.0.verify_sig(text.as_bytes(), &signature).is_ok())
    }
}

/// The app's content key: AES-128-CBC with a zero vector, as Alipay prescribes it.
pub(super) struct ContentKey {
    opening: PaddedBlockDecryptingKey,
    sealing: PaddedBlockEncryptingKey,
}

impl ContentKey {
    pub(super) fn parse(text: &Secret) -> anyhow::Result<Self> {
        let key = Zeroizing::new(
            STANDARD
                .decode(text.reveal().trim())
                .map_err(|_| anyhow!("the app's AES key is not base64"))?,
        );
        let unbound = || {
            UnboundCipherKey::new(&AES_128, &key)
                .map_err(|_| anyhow!("the app's AES key is not 16 bytes"))
        };
        Ok(Self {
            opening: PaddedBlockDecryptingKey::cbc_pkcs7(unbound()?)?,
            sealing: PaddedBlockEncryptingKey::cbc_pkcs7(unbound()?)?,
        })
    }

    /// `plain`, encrypted and in base64.
    pub(super) fn seal(&self, plain: &str) -> anyhow::Result<String> {
        let mut bytes = plain.as_bytes().to_vec();
        let zero = EncryptionContext::Iv128(FixedLength::from([0; 16]));
        self.sealing
            .less_safe_encrypt(&mut bytes, zero)
            .map_err(|_| anyhow!("encrypting failed"))?;
        Ok(STANDARD.encode(bytes))
    }

    /// The plaintext of `content` (base64), or `None` if it was not encrypted with this key.
    pub(super) fn open(&self, content: &str) -> Option<Zeroizing<Vec<u8>>> {
        let mut bytes = Zeroizing::new(STANDARD.decode(content).ok()?);
        let zero = DecryptionContext::Iv128(FixedLength::from([0; 16]));
        let plain = self.opening.decrypt(&mut bytes, zero).ok()?.to_vec();
        Some(Zeroizing::new(plain))
    }
}

fn der(text: &str) -> anyhow::Result<Vec<u8>> {
    let base64: Zeroizing<String> = Zeroizing::new(
        text.lines()
            .filter(|line| !line.starts_with("-----"))
            .flat_map(str::chars)
            .filter(|c| !c.is_whitespace())
            .collect(),
    );
    STANDARD
        .decode(base64.as_bytes())
        .map_err(|_| anyhow!("is not base64"))
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::{encoding::Pkcs8V1Der, rsa::KeySize};

    use super::*;

    fn pem(name: &str, base64: &str) -> String {
        let lines: Vec<_> = base64
            .as_bytes()
            .chunks(64)
            .map(|line| str::from_utf8(line).unwrap())
            .collect();
        format!(
            "-----BEGIN {name}-----\n{}\n-----END {name}-----\n",
            lines.join("\n")
        )
    }

    #[test]
    fn keys_are_read_in_every_form_that_alipay_hands_out() {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let private: Pkcs8V1Der = pair.as_der().unwrap();
        let private = STANDARD.encode(private.as_ref());
        let spki: PublicKeyX509Der = pair.public_key().as_der().unwrap();
        let spki = STANDARD.encode(spki.as_ref());
        let pkcs1 = STANDARD.encode(pair.public_key().as_ref());

        for private in [&private, &pem("PRIVATE KEY", &private)] {
            let key = AppKey::parse(&Secret::new(private.clone())).unwrap();
            let signature = key.sign("a=健康码").unwrap();
            for public in [&spki, &pkcs1, &pem("PUBLIC KEY", &spki)] {
                let key = AlipayKey::parse(public).unwrap();
                assert!(key.vouches_for("a=健康码", &signature));
                assert!(!key.vouches_for("a=健康碼", &signature));
                assert!(!key.vouches_for("a=健康码", ""));
            }
        }
        assert!(AppKey::parse(&"AAAA".into()).is_err());
        assert!(AlipayKey::parse("not base64").is_err());
    }

    #[test]
    fn the_content_cipher_is_aes_128_cbc_with_a_zero_vector() {
        let key = ContentKey::parse(&"MDEyMzQ1Njc4OWFiY2RlZg==".into()).unwrap();
        let plain = key
            .open(
                "sb44umJUD7auqhU6RDzOGa1sxXOWIxth2OsK89GQTNPRxZi2dPdOL4ira86T2iPggMr+qCFgt5esijRcw3SGIA==",
            )
            .unwrap();
        assert_eq!(
            plain.as_slice(),
            br#"{"code":"10000","msg":"Success","mobile":"13800138000"}"#
        );
        let again = key.seal(str::from_utf8(&plain).unwrap()).unwrap();
        assert_eq!(key.open(&again).unwrap(), plain);
        assert!(key.open("sb44umJUD7auqhU6RDzOGQ==").is_none());
        assert!(ContentKey::parse(&"MDEyMw==".into()).is_err());
    }
}
