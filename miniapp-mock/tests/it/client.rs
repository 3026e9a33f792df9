//! Clients that sign as the platforms demand, written apart from the mock's own code.

use std::sync::{Arc, Once};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};
use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use miniapp_mock::{Mock, MockConfig, dev, start};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use serde_json::Value;

static PROVIDER: Once = Once::new();

pub(crate) fn http() -> Client {
    PROVIDER.call_once(|| {
        // The mock may have done it already.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    });
    Client::builder().redirect(Policy::none()).build().unwrap()
}

/// The default configuration with a clock that only moves when told.
pub(crate) fn frozen() -> MockConfig {
    MockConfig {
        clock: Some(Arc::new(|| 1_767_225_600_000)),
        ..MockConfig::default()
    }
}

pub(crate) async fn mock() -> Mock {
    start(frozen()).await.unwrap()
}

/// The content type and the JSON of a reply.
pub(crate) async fn read(response: Response) -> (String, Value) {
    let content_type = response.headers()["content-type"]
        .to_str()
        .unwrap()
        .to_owned();
    let body = response.text().await.unwrap();
    (content_type, serde_json::from_str(&body).unwrap())
}

pub(crate) async fn get(mock: &Mock, path: &str, query: &[(&str, &str)]) -> (String, Value) {
    let url = format!("{}{path}", mock.base_url());
    read(http().get(url).query(query).send().await.unwrap()).await
}

pub(crate) async fn post(mock: &Mock, path: &str, body: impl Into<String>) -> (String, Value) {
    let url = format!("{}{path}", mock.base_url());
    read(http().post(url).body(body.into()).send().await.unwrap()).await
}

pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, bytes))
}

pub(crate) fn hmac_sha256(key: &[u8], text: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
}

pub(crate) fn rsa_sign(pkcs8_b64: &str, text: &str) -> String {
    let key = KeyPair::from_pkcs8(&STANDARD.decode(pkcs8_b64).unwrap()).unwrap();
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        text.as_bytes(),
        &mut signature,
    )
    .unwrap();
    STANDARD.encode(signature)
}

/// Whether `sign` is Alipay's over `text`.
pub(crate) fn alipay_signed(text: &str, sign: &str) -> bool {
    let key = STANDARD.decode(dev::ALIPAY_PUBLIC_KEY_B64).unwrap();
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key)
        .verify(text.as_bytes(), &STANDARD.decode(sign).unwrap())
        .is_ok()
}
