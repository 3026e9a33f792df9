//! How WeChat signs and encrypts what it hands to pages and pushes to servers.

use aws_lc_rs::cipher::{
    AES_128, AES_256, DecryptingKey, DecryptionContext, EncryptingKey, EncryptionContext,
    PaddedBlockEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::digest;
use aws_lc_rs::iv::FixedLength;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

use crate::crypto::{base64_decode, base64_encode, random};

/// The last character of an `EncodingAESKey` has two bits that stand for nothing.
const OF_KEYS: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// What pushes are padded to a multiple of.
const PUSH_BLOCK: usize = 32;

pub(super) fn sha1_hex(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bytes))
}

/// The signature over `parts`: SHA-1 over all of them, sorted and joined.
pub(super) fn push_signature<const N: usize>(mut parts: [&str; N]) -> String {
    parts.sort_unstable();
    sha1_hex(parts.concat().as_bytes())
}

/// The signature of raw data that a page got.
pub(super) fn data_signature(raw: &str, session_key: &str) -> String {
    sha1_hex(format!("{raw}{session_key}").as_bytes())
}

/// `plain` under a session key and `iv`, all in base64. `None` if the key is not one.
pub(super) fn seal_data(session_key: &str, iv: [u8; 16], plain: &str) -> Option<String> {
    let mut bytes = plain.as_bytes().to_vec();
    let key = UnboundCipherKey::new(&AES_128, &base64_decode(session_key)?).ok()?;
    PaddedBlockEncryptingKey::cbc_pkcs7(key)
        .ok()?
        .less_safe_encrypt(&mut bytes, EncryptionContext::Iv128(FixedLength::from(iv)))
        .ok()?;
    Some(base64_encode(bytes))
}

/// The key that an app shares with WeChat for its message push.
pub(super) struct PushKey([u8; 32]);

impl PushKey {
    /// Read an `EncodingAESKey`: 43 letters and digits.
    pub(super) fn read(text: &str) -> Option<Self> {
        let bytes = OF_KEYS.decode(format!("{text}=")).ok()?;
        bytes.try_into().ok().map(Self)
    }

    pub(super) fn seal(&self, message: &str, app_id: &str) -> Option<String> {
        self.seal_with(random::<16>(), message, app_id)
    }

    fn seal_with(&self, salt: [u8; 16], message: &str, app_id: &str) -> Option<String> {
        let length = u32::try_from(message.len()).ok()?.to_be_bytes();
        let mut bytes = [&salt[..], &length, message.as_bytes(), app_id.as_bytes()].concat();
        let padding = PUSH_BLOCK - bytes.len() % PUSH_BLOCK;
        bytes.resize(bytes.len() + padding, u8::try_from(padding).ok()?);
        let key = UnboundCipherKey::new(&AES_256, &self.0).ok()?;
        let iv = EncryptionContext::Iv128(FixedLength::from(self.iv()?));
        EncryptingKey::cbc(key)
            .ok()?
            .less_safe_encrypt(&mut bytes, iv)
            .ok()?;
        Some(base64_encode(bytes))
    }

    /// What somebody else sealed for `app_id`.
    pub(super) fn open(&self, sealed: &str, app_id: &str) -> Option<String> {
        let mut bytes = base64_decode(sealed)?;
        let key = UnboundCipherKey::new(&AES_256, &self.0).ok()?;
        let iv = DecryptionContext::Iv128(FixedLength::from(self.iv()?));
        let plain = DecryptingKey::cbc(key).ok()?.decrypt(&mut bytes, iv).ok()?;
        let padding = usize::from(*plain.last()?);
        if !(1..=PUSH_BLOCK).contains(&padding) {
            return None;
        }
        let plain = plain.get(..plain.len().checked_sub(padding)?)?;
        let (_, rest) = plain.split_first_chunk::<16>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (message, receiver) = rest.split_at_checked(length)?;
        (receiver == app_id.as_bytes())
            .then(|| String::from_utf8(message.to_vec()).ok())
            .flatten()
    }

    fn iv(&self) -> Option<[u8; 16]> {
        self.0.first_chunk().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pushes_are_signed_and_sealed_as_wechat_does() {
        let signature = push_signature(["AAAAA", "1714036504", "1514711492"]);
        assert_eq!(signature, "f464b24fc39322e44b38aa78f5edd27bd1441696");

        let key = PushKey::read("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG").unwrap();
        let message = r#"{"MsgType":"event","Event":"debug_demo"}"#;
        let app = "wx1234567890abcdef";
        let sealed = key.seal_with(*b"1234567890123456", message, app).unwrap();
        assert_eq!(
            sealed,
            "QCTqNwyPmqRu4xuyqVsja54Bb628IZwxlsxemHu4rIQCn9Y5mlLYJ8HI7f8k2hhhbCdh2dyTHO3X8PFoJsBUV3X7IlzC4bk3eCMJ/Ns+wjREcKpZGyL0E44vfzj6y9ae"
        );
        let parts = ["pushtoken", "1714036504", "1514711492", sealed.as_str()];
        assert_eq!(
            push_signature(parts),
            "5529e3d70359c6f2fb7f3a99ae67f1d3f8f4f85b"
        );
        assert_eq!(key.open(&sealed, app).as_deref(), Some(message));
        assert_eq!(key.open(&sealed, "wxother"), None);
    }

    #[test]
    fn raw_data_is_signed_as_in_wechats_own_sample() {
        let raw = r#"{"nickName":"Band","gender":1,"language":"zh_CN","city":"Guangzhou","province":"Guangdong","country":"CN","avatarUrl":"http://wx.qlogo.cn/mmopen/vi_32/1vZvI39NWFQ9XM4LtQpFrQJ1xlgZxx3w7bQxKARol6503Iuswjjn6nIGBiaycAjAtpujxyzYsrztuuICqIM5ibXQ/0"}"#;
        assert_eq!(
            data_signature(raw, "HyVFkGl5F5OQWJZZaNzBBg=="),
            "75e81ceda165f4ffa64f4068af58c64b8f54b88c"
        );
    }
}
