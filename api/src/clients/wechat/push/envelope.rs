//! The signatures and the encryption of message push.

use anyhow::{Context, ensure};
use aws_lc_rs::{
    cipher::{AES_256, DecryptingKey, DecryptionContext, UnboundCipherKey},
    constant_time::verify_slices_are_equal,
    digest,
    iv::FixedLength,
};
use base64::{
    Engine as _, alphabet,
    engine::{GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use zeroize::Zeroizing;

use crate::platform::Secret;

/// Characters of an `EncodingAESKey`.
const KEY_LENGTH: usize = 43;

/// The 43rd character of a key carries two bits that stand for nothing and need not be zero.
const OF_KEYS: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// Random bytes in front of a message.
const SALT: usize = 16;

/// Longest padding. WeChat pads to 32 bytes, twice the block of the cipher.
const LONGEST_PADDING: usize = 32;

/// Whether `signature` is the one over `parts`: SHA-1 in hex over all of them, sorted and joined.
/// Compared in constant time.
pub(super) fn is_signed<const N: usize>(mut parts: [&str; N], signature: &str) -> Option<()> {
    parts.sort_unstable();
    let sum = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, parts.concat().as_bytes());
    verify_slices_are_equal(hex::encode(sum).as_bytes(), signature.as_bytes()).ok()
}

/// AES-256-CBC under a key that an app shares with WeChat.
pub(super) struct Envelope {
    key: DecryptingKey,
    iv: [u8; SALT],
}

impl Envelope {
    pub(super) fn new(encoding_aes_key: &Secret) -> anyhow::Result<Self> {
        let text = encoding_aes_key.reveal();
        ensure!(
            text.len() == KEY_LENGTH,
            "an EncodingAESKey of WeChat does not have 43 characters"
        );
        let padded = Zeroizing::new(format!("{text}="));
        let bytes = OF_KEYS.decode(padded.as_bytes()).map(Zeroizing::new);
        let bytes = bytes
            .ok()
            .context("an EncodingAESKey of WeChat is not base64")?;
        let iv = bytes.first_chunk().copied();
        let key = UnboundCipherKey::new(&AES_256, &bytes).and_then(DecryptingKey::cbc);
        key.ok()
            .zip(iv)
            .map(|(key, iv)| Self { key, iv })
            .context("an EncodingAESKey of WeChat is not usable")
    }

    /// The message in `sealed` (base64), if it is for `app_id`.
    ///
    /// For what is signed only: the padding is not a proof of anything.
    pub(super) fn open(&self, sealed: &str, app_id: &str) -> Option<Vec<u8>> {
        let mut bytes = STANDARD.decode(sealed).ok()?;
        let iv = DecryptionContext::Iv128(FixedLength::from(self.iv));
        let plain = self.key.decrypt(&mut bytes, iv).ok()?;
        let (_, rest) = without_padding(plain)?.split_first_chunk::<SALT>()?;
        let (length, rest) = rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (message, receiver) = rest.split_at_checked(length)?;
        (receiver == app_id.as_bytes()).then(|| message.to_vec())
    }
}

fn without_padding(plain: &[u8]) -> Option<&[u8]> {
    let padding = usize::from(*plain.last()?);
    let length = plain.len().checked_sub(padding)?;
    (1..=LONGEST_PADDING)
        .contains(&padding)
        .then(|| plain.get(..length))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
    const APP: &str = "wx1234567890abcdef";
    const SEALED: &str = "QCTqNwyPmqRu4xuyqVsja54Bb628IZwxlsxemHu4rIQCn9Y5mlLYJ8HI7f8k2hhhbCdh2dyTHO3X8PFoJsBUV3X7IlzC4bk3eCMJ/Ns+wjREcKpZGyL0E44vfzj6y9ae";

    fn envelope(key: &str) -> anyhow::Result<Envelope> {
        Envelope::new(&key.into())
    }

    #[test]
    fn signatures_are_those_of_wechats_own_sample() {
        let parts = ["AAAAA", "1714036504", "1514711492"];
        let signature = "f464b24fc39322e44b38aa78f5edd27bd1441696";
        assert!(is_signed(parts, signature).is_some());
        assert!(is_signed(["1514711492", "AAAAA", "1714036504"], signature).is_some());
        assert!(is_signed(["AAAAB", "1714036504", "1514711492"], signature).is_none());
        assert!(is_signed(parts, "").is_none());

        let parts = ["pushtoken", "1714036504", "1514711492", SEALED];
        assert!(is_signed(parts, "5529e3d70359c6f2fb7f3a99ae67f1d3f8f4f85b").is_some());
    }

    #[test]
    fn a_message_opens_with_its_key_and_for_its_app_alone() {
        let ours = envelope(KEY).unwrap();
        let message = ours.open(SEALED, APP).unwrap();
        assert_eq!(message, br#"{"MsgType":"event","Event":"debug_demo"}"#);
        assert!(ours.open(SEALED, "wx1234567890abcdee").is_none());
        assert!(ours.open(SEALED, "").is_none());

        let other = envelope("bbcdefghijklmnopqrstuvwxyz0123456789ABCDEFG").unwrap();
        assert!(other.open(SEALED, APP).is_none());
        for cut in ["", "AAAA", &SEALED[..64], &SEALED[..SEALED.len() - 4]] {
            assert!(ours.open(cut, APP).is_none(), "{cut}");
        }
    }

    #[test]
    fn a_key_whose_last_character_has_spare_bits_is_read() {
        assert!(envelope(KEY).is_ok());
        assert!(envelope(&format!("{KEY}A")).is_err());
        assert!(envelope("short").is_err());
        assert!(envelope(&"!".repeat(43)).is_err());
    }

    #[test]
    fn padding_is_one_to_thirty_two_bytes() {
        assert_eq!(without_padding(&[7, 1]), Some([7].as_slice()));
        assert_eq!(without_padding(&[32; 32]), Some([].as_slice()));
        for bad in [vec![], vec![0; 32], vec![33; 64], vec![3, 3]] {
            assert_eq!(without_padding(&bad), None, "{bad:?}");
        }
    }
}
