use aws_lc_rs::cipher::{
    AES_128, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey,
    PaddedBlockEncryptingKey, UnboundCipherKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use miniapp_mock::{AlipayApp, MockConfig, dev, start};
use serde_json::{Value, json};

use crate::alipay::{Params, call, params, reply, signed};
use crate::client::{alipay_signed, frozen, mock};

const CREATE: &str = "alipay.open.app.qrcode.create";

fn key() -> UnboundCipherKey {
    let key = STANDARD.decode(dev::ALIPAY_AES_KEY).unwrap();
    UnboundCipherKey::new(&AES_128, &key).unwrap()
}

fn encrypted(plain: &str) -> String {
    let mut text = plain.as_bytes().to_vec();
    PaddedBlockEncryptingKey::cbc_pkcs7(key())
        .unwrap()
        .less_safe_encrypt(&mut text, EncryptionContext::Iv128((&[0; 16]).into()))
        .unwrap();
    STANDARD.encode(text)
}

fn decrypted(content: &str) -> Value {
    let mut text = STANDARD.decode(content).unwrap();
    let plain = PaddedBlockDecryptingKey::cbc_pkcs7(key())
        .unwrap()
        .decrypt(&mut text, DecryptionContext::Iv128((&[0; 16]).into()))
        .unwrap();
    serde_json::from_slice(plain).unwrap()
}

fn request(content: &str) -> Params {
    let own = [("encrypt_type", "AES"), ("biz_content", content)];
    signed(params(CREATE, &own))
}

/// The content of a reply that is signed with the quotes around it.
fn opened(body: &str) -> Value {
    let rest = body
        .strip_prefix("{\"alipay_open_app_qrcode_create_response\":")
        .unwrap();
    let (content, sign) = rest.split_once(",\"sign\":\"").unwrap();
    assert!(alipay_signed(content, sign.strip_suffix("\"}").unwrap()));
    decrypted(
        content
            .strip_prefix('"')
            .unwrap()
            .strip_suffix('"')
            .unwrap(),
    )
}

#[tokio::test]
async fn who_asks_in_cipher_is_answered_in_cipher() {
    let mock = mock().await;
    let content = json!({"url_param": "p", "query_param": "q=1", "describe": "d"}).to_string();
    let answer = opened(&reply(&mock, &request(&encrypted(&content))).await);
    assert_eq!(answer["code"], "10000");
    assert!(answer["qr_code_url"].is_string());

    let answer = opened(&reply(&mock, &request(&encrypted("{}"))).await);
    assert_eq!(answer["sub_code"], "isv.missing-url-param");
}

#[tokio::test]
async fn what_cannot_be_decrypted_is_refused_in_the_clear() {
    let mock = mock().await;
    let sub_code = async |params: &Params| call(&mock, params).await.1["sub_code"].clone();
    for content in ["{}", "AAAA", &STANDARD.encode([1; 16])] {
        assert_eq!(sub_code(&request(content)).await, "isv.invalid-encrypt");
    }
    let own = [("encrypt_type", "SM4"), ("biz_content", "x")];
    let other = signed(params(CREATE, &own));
    assert_eq!(sub_code(&other).await, "isv.invalid-encrypt-type");
    let own = [
        ("encrypt_type", "AES"),
        ("grant_type", "authorization_code"),
    ];
    let bare = signed(params("alipay.system.oauth.token", &own));
    assert_eq!(sub_code(&bare).await, "isv.invalid-encrypt");
}

#[tokio::test]
async fn an_app_without_a_content_key_cannot_encrypt() {
    let app = AlipayApp {
        aes_key: None,
        ..AlipayApp::default()
    };
    let config = MockConfig {
        alipay_apps: vec![app],
        ..frozen()
    };
    let mock = start(config).await.unwrap();
    let (_, content) = call(&mock, &request(&encrypted("{}"))).await;
    assert_eq!(content["sub_code"], "isv.missing-encrypt-key");
}

#[tokio::test]
async fn the_signature_is_checked_before_anything_is_decrypted() {
    let mock = mock().await;
    let mut params = request("not encrypted");
    params.insert("biz_content".to_owned(), "changed".to_owned());
    assert_eq!(
        call(&mock, &params).await.1["sub_code"],
        "isv.invalid-signature"
    );
}
