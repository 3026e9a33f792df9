//! What a page gets encrypted under the user's session key.

use aws_lc_rs::{
    cipher::{AES_128, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey},
    iv::FixedLength,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use entity::values::Phone;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{answers::PhoneInfo, session::WeChatSession};
use crate::{
    clients::{EncryptedPhone, PlatformError},
    platform::Secret,
};

/// Longest content that is looked at, in characters of base64; real ones are under 1 KiB.
const CONTENT_LENGTH: usize = 8 * 1024;

/// How far the time of the user's tap may lie from ours.
const FRESH: TimeDelta = TimeDelta::minutes(5);

/// The phone number of a `getPhoneNumber` button, `None` if it is not a mainland mobile.
///
/// Whatever is wrong with the content, whether another key, another app, another user, another time
/// or nonsense, the answer is the same: there is no oracle here. The usual cause is a newer `wx.login`.
pub(super) fn open_phone(
    app_id: &str,
    session: &WeChatSession,
    phone: EncryptedPhone<'_>,
    now: DateTime<Utc>,
) -> Result<Option<Phone>, PlatformError> {
    let opened = decrypt(session.key(), phone.iv, phone.encrypted_data)
        .and_then(|plain| serde_json::from_slice::<OpenedPhone>(&plain).ok())
        .filter(|opened| opened.is_of(&session.user().openid))
        .filter(|opened| opened.phone.is_marked_for(app_id))
        .filter(|opened| opened.phone.is_from(now, FRESH))
        .ok_or(PlatformError::Forged)?;
    Ok(opened.phone.mainland_mobile())
}

#[derive(Deserialize)]
struct OpenedPhone {
    #[serde(rename = "openId")]
    openid: Option<String>,
    #[serde(flatten)]
    phone: PhoneInfo,
}

impl OpenedPhone {
    /// WeChat names the user in some contents only.
    fn is_of(&self, openid: &str) -> bool {
        self.openid.as_ref().is_none_or(|named| named == openid)
    }
}

/// AES-128-CBC, all three parts in base64. `None` for whatever does not decrypt.
fn decrypt(session_key: &Secret, iv: &str, content: &str) -> Option<Zeroizing<Vec<u8>>> {
    if content.len() > CONTENT_LENGTH {
        return None;
    }
    let key = Zeroizing::new(STANDARD.decode(session_key.reveal()).ok()?);
    let iv: [u8; 16] = STANDARD.decode(iv).ok()?.try_into().ok()?;
    let mut bytes = Zeroizing::new(STANDARD.decode(content).ok()?);
    let key = UnboundCipherKey::new(&AES_128, &key).ok()?;
    let plain = PaddedBlockDecryptingKey::cbc_pkcs7(key)
        .ok()?
        .decrypt(&mut bytes, DecryptionContext::Iv128(FixedLength::from(iv)))
        .ok()?;
    Some(Zeroizing::new(plain.to_vec()))
}
