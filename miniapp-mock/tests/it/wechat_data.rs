use aws_lc_rs::cipher::{AES_128, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey};
use aws_lc_rs::digest;
use aws_lc_rs::iv::FixedLength;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use miniapp_mock::{EncryptedData, MockConfig, PhoneError, WechatApp, dev, start};
use serde_json::Value;

use crate::client::{frozen, mock, post};
use crate::wechat::login;

fn open(key: &Value, data: &EncryptedData) -> Option<Value> {
    let key = STANDARD.decode(key.as_str().unwrap()).unwrap();
    let iv: [u8; 16] = STANDARD.decode(&data.iv).unwrap().try_into().unwrap();
    let mut bytes = STANDARD.decode(&data.encrypted_data).unwrap();
    let key = UnboundCipherKey::new(&AES_128, &key).unwrap();
    let plain = PaddedBlockDecryptingKey::cbc_pkcs7(key)
        .unwrap()
        .decrypt(&mut bytes, DecryptionContext::Iv128(FixedLength::from(iv)))
        .ok()?;
    serde_json::from_slice(plain).ok()
}

#[tokio::test]
async fn an_encrypted_phone_opens_under_the_key_of_the_login_before_it() {
    let mock = mock().await;
    let zhang = mock.phone_of("zhang");
    zhang.set_number("13800138000").unwrap();
    let unasked = zhang.wechat_encrypted_phone();
    assert!(matches!(unasked, Err(PhoneError::NotLoggedIn)));

    let code = zhang.wechat_login_code();
    let data = zhang.wechat_encrypted_phone().unwrap();
    let session = login(&mock, &code).await;
    let phone = open(&session["session_key"], &data).unwrap();
    assert_eq!(phone["purePhoneNumber"], "13800138000");
    assert_eq!(phone["countryCode"], "86");
    assert_eq!(phone["watermark"]["appid"], dev::WECHAT_APP_ID);
    assert_eq!(phone["watermark"]["timestamp"], mock.now_ms() / 1000);

    let newer = login(&mock, &zhang.wechat_login_code()).await;
    assert!(
        open(&newer["session_key"], &data).is_none(),
        "another key by now"
    );
}

#[tokio::test]
async fn a_key_may_outlive_logins_but_not_its_session() {
    let mock = start(MockConfig {
        wechat_apps: vec![WechatApp {
            rotate_session_keys: false,
            ..WechatApp::default()
        }],
        ..frozen()
    })
    .await
    .unwrap();
    let zhang = mock.phone_of("zhang");
    let first = login(&mock, &zhang.wechat_login_code()).await["session_key"].clone();
    let again = login(&mock, &zhang.wechat_login_code()).await["session_key"].clone();
    assert_eq!(first, again);
    assert!(zhang.wechat_check_session());
    zhang.expire_wechat_session();
    assert!(!zhang.wechat_check_session());
    let after = login(&mock, &zhang.wechat_login_code()).await["session_key"].clone();
    assert_ne!(first, after);
}

#[tokio::test]
async fn a_profile_is_signed_and_encrypted_under_the_session_key() {
    let mock = mock().await;
    let zhang = mock.phone_of("zhang");
    let session = login(&mock, &zhang.wechat_login_code()).await;
    let info = zhang.wechat_user_info().unwrap();
    let signed = format!(
        "{}{}",
        info.raw_data,
        session["session_key"].as_str().unwrap()
    );
    let sum = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, signed.as_bytes());
    assert_eq!(info.signature, hex::encode(sum));
    let profile = open(&session["session_key"], &info.encrypted).unwrap();
    assert_eq!(profile["openId"], zhang.wechat_openid());

    let told = post(&mock, "/__ctl/users/zhang/wechat/user-info", "")
        .await
        .1;
    assert_eq!(told["signature"], info.signature);
    assert!(told["encryptedData"].is_string() && told["rawData"].is_string());
    let told = post(&mock, "/__ctl/users/zhang/wechat/phone-data", "")
        .await
        .1;
    assert!(told["encryptedData"].is_string() && told["iv"].is_string());
}
