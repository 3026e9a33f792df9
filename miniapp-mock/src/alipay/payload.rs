//! What `my.getPhoneNumber` hands the front end, to be posted to the backend as it is.

use serde_json::json;

use super::keys::AppKeys;

/// The signed and encrypted phone number `mobile`. An app without a content key gets an error.
pub(crate) fn phone_payload(keys: &AppKeys, mobile: &str) -> String {
    let Some(content_key) = &keys.content else {
        return plain_error(
            keys,
            "40001",
            "Missing Required Arguments",
            "isv.missing-encrypt-key",
            "缺少加密配置",
        );
    };
    let plain = json!({"code": "10000", "msg": "Success", "mobile": mobile}).to_string();
    let content = content_key.encrypt(plain.as_bytes());
    let sign = keys.platform.sign(format!("\"{content}\"").as_bytes());
    outer(&content, &sign)
}

/// The signed error in the clear that comes when the person has not allowed it.
pub(crate) fn phone_refusal(keys: &AppKeys) -> String {
    plain_error(
        keys,
        "40003",
        "Insufficient Conditions",
        "isv.invalid-auth-relations",
        "无效的授权关系",
    )
}

/// An error in the clear; the signature is over the text itself, without quotes.
fn plain_error(keys: &AppKeys, code: &str, msg: &str, sub_code: &str, sub_msg: &str) -> String {
    let content =
        json!({"code": code, "msg": msg, "subCode": sub_code, "subMsg": sub_msg}).to_string();
    let sign = keys.platform.sign(content.as_bytes());
    outer(&content, &sign)
}

fn outer(content: &str, sign: &str) -> String {
    json!({
        "response": content,
        "sign": sign,
        "sign_type": "RSA2",
        "encrypt_type": "AES",
        "charset": "UTF-8",
    })
    .to_string()
}
