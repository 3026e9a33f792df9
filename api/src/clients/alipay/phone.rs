//! What `my.getPhoneNumber` gives the page: signed by Alipay, encrypted for the app.

use anyhow::anyhow;
use aws_lc_rs::digest;
use entity::values::Phone;
use serde::Deserialize;
use serde_json::Value;

use super::{keys::ContentKey, trust::Trust};
use crate::clients::{AlipayPhone, PlatformError};

/// Longest payload that is looked at, in bytes; real ones are under 1 KiB.
const PAYLOAD_LENGTH: usize = 16 * 1024;

/// How often a payload may be wrapped: the page may send the object, its text, or the callback's
/// argument around either.
const WRAPPINGS: usize = 4;

#[derive(Deserialize)]
struct Signed {
    response: String,
    sign: String,
    #[serde(default = "rsa2")]
    sign_type: String,
    #[serde(default = "aes")]
    encrypt_type: String,
    #[serde(default = "utf_8")]
    charset: String,
}

fn rsa2() -> String {
    "RSA2".into()
}

fn aes() -> String {
    "AES".into()
}

fn utf_8() -> String {
    "UTF-8".into()
}

#[derive(Deserialize)]
struct Content {
    code: String,
    mobile: Option<String>,
}

/// Verify, then decrypt. Alipay signs encrypted content with quotes around it and the text of an
/// error without.
///
/// Whatever is wrong with the payload, the answer is the same: there is no oracle here.
pub(super) fn open(
    payload: &str,
    alipay: &Trust,
    key: Option<&ContentKey>,
) -> Result<AlipayPhone, PlatformError> {
    let signed = unwrapped(payload).ok_or(PlatformError::Forged)?;
    if !signed.is_of_known_kind() {
        return Err(PlatformError::Forged);
    }
    if signed.response.starts_with('{') {
        return Err(error_in_the_clear(&signed, alipay));
    }
    if !alipay.vouches_for(&format!("\"{}\"", signed.response), &signed.sign) {
        return Err(PlatformError::Forged);
    }
    let key = key.ok_or_else(|| PlatformError::Unavailable(anyhow!("the app has no AES key")))?;
    let plain = key.open(&signed.response).ok_or(PlatformError::Forged)?;
    let content: Content = serde_json::from_slice(&plain).map_err(|_| PlatformError::Forged)?;
    if content.code != "10000" {
        return Err(refusal(&content.code));
    }
    let mobile = content.mobile.ok_or(PlatformError::Forged)?;
    Ok(AlipayPhone {
        phone: Phone::parse(&mobile).ok(),
        digest: sha256(signed.response.as_bytes()),
    })
}

impl Signed {
    fn is_of_known_kind(&self) -> bool {
        self.sign_type == "RSA2"
            && self.encrypt_type.eq_ignore_ascii_case("AES")
            && self.charset.eq_ignore_ascii_case("UTF-8")
    }
}

fn unwrapped(payload: &str) -> Option<Signed> {
    if payload.len() > PAYLOAD_LENGTH {
        return None;
    }
    let mut value: Value = serde_json::from_str(payload).ok()?;
    for _ in 0..WRAPPINGS {
        value = match value {
            Value::String(text) => serde_json::from_str(&text).ok()?,
            Value::Object(fields) if fields.contains_key("sign") => {
                return serde_json::from_value(Value::Object(fields)).ok();
            }
            Value::Object(mut fields) => fields.remove("response")?,
            _ => return None,
        };
    }
    None
}

/// A number is never taken from the clear, even if it is signed.
fn error_in_the_clear(signed: &Signed, alipay: &Trust) -> PlatformError {
    if !alipay.vouches_for(&signed.response, &signed.sign) {
        return PlatformError::Forged;
    }
    match serde_json::from_str::<Content>(&signed.response) {
        Ok(content) if content.code != "10000" => refusal(&content.code),
        _ => PlatformError::Forged,
    }
}

/// `40003`: this user's authorisation does not hold. The rest is a matter of the app or of Alipay.
fn refusal(code: &str) -> PlatformError {
    match code {
        "40003" => PlatformError::CodeRefused,
        "20000" => PlatformError::Unavailable(anyhow!("Alipay could not encrypt a number")),
        _ => PlatformError::Unavailable(anyhow!("Alipay would not encrypt a number for the app")),
    }
}

fn sha256(content: &[u8]) -> [u8; 32] {
    let mut into = [0; 32];
    into.copy_from_slice(digest::digest(&digest::SHA256, content).as_ref());
    into
}
