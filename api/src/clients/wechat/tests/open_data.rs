use aws_lc_rs::{
    cipher::{AES_128, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey},
    iv::FixedLength,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::DateTime;
use entity::values::Phone;

use super::*;
use crate::clients::{EncryptedPhone, WeChatUser};

const KEY: &str = "tiihtNczf5v6AKRyjwEUhQ==";
const IV: &str = "r7BXXKkLb8qrSNn05n0qiA==";

fn now() -> i64 {
    NOW.parse::<DateTime<chrono::Utc>>().unwrap().timestamp()
}

fn phone() -> Value {
    json!({"phoneNumber": "13800138000", "purePhoneNumber": "13800138000", "countryCode": "86",
        "watermark": {"appid": APP, "timestamp": now()}})
}

fn seal(key: &str, content: &str) -> String {
    let key = UnboundCipherKey::new(&AES_128, &STANDARD.decode(key).unwrap()).unwrap();
    let iv: [u8; 16] = STANDARD.decode(IV).unwrap().try_into().unwrap();
    let mut bytes = content.as_bytes().to_vec();
    PaddedBlockEncryptingKey::cbc_pkcs7(key)
        .unwrap()
        .less_safe_encrypt(&mut bytes, EncryptionContext::Iv128(FixedLength::from(iv)))
        .unwrap();
    STANDARD.encode(bytes)
}

async fn opened(
    encrypted_data: &str,
    iv: &str,
) -> Result<(WeChatUser, Option<Phone>), PlatformError> {
    let address = platform(|asked| {
        assert_eq!(asked.path, "/sns/jscode2session");
        json(&json!({"openid": "o1", "session_key": KEY}))
    });
    let phone = EncryptedPhone { encrypted_data, iv };
    client(&address, &Arc::default())
        .user_and_phone(APP, "code", phone, by())
        .await
}

#[actix_web::test]
async fn an_encrypted_phone_opens_under_the_session_that_the_code_gives() {
    let mut named = phone();
    named["openId"] = json!("o1");
    for content in [phone(), named] {
        let (user, phone) = opened(&seal(KEY, &content.to_string()), IV).await.unwrap();
        assert_eq!(user.openid, "o1");
        assert_eq!(phone.unwrap().reveal(), "13800138000");
    }
    let mut abroad = phone();
    abroad["countryCode"] = json!("852");
    let (_, phone) = opened(&seal(KEY, &abroad.to_string()), IV).await.unwrap();
    assert!(phone.is_none());
}

#[actix_web::test]
async fn what_is_not_this_users_phone_in_this_app_just_now_is_forged() {
    let with = |change: fn(&mut Value)| {
        let mut content = phone();
        change(&mut content);
        seal(KEY, &content.to_string())
    };
    let good = seal(KEY, &phone().to_string());
    for (what, content, iv) in [
        (
            "an older session",
            seal("HyVFkGl5F5OQWJZZaNzBBg==", &phone().to_string()),
            IV,
        ),
        (
            "another app",
            with(|it| it["watermark"]["appid"] = json!("wxother")),
            IV,
        ),
        ("no watermark", with(|it| it["watermark"] = Value::Null), IV),
        (
            "no time",
            with(|it| it["watermark"] = json!({"appid": APP})),
            IV,
        ),
        (
            "old",
            with(|it| it["watermark"]["timestamp"] = json!(now() - 301)),
            IV,
        ),
        (
            "from the future",
            with(|it| it["watermark"]["timestamp"] = json!(now() + 301)),
            IV,
        ),
        ("another user", with(|it| it["openId"] = json!("o2")), IV),
        ("no JSON", seal(KEY, "13800138000"), IV),
        ("cut", good.split_at(good.len() - 24).0.to_owned(), IV),
        ("spaces for pluses", format!(" {good}"), IV),
        ("another vector", good.clone(), "AAAAAAAAAAAAAAAAAAAAAA=="),
        ("a short vector", good.clone(), "AAAA"),
        ("too long", "A".repeat(8 * 1024 + 4), IV),
    ] {
        let answer = opened(&content, iv).await;
        assert!(matches!(answer, Err(PlatformError::Forged)), "{what}");
    }
    let edge = with(|it| it["watermark"]["timestamp"] = json!(now() - 300));
    assert!(opened(&edge, IV).await.is_ok());
}
