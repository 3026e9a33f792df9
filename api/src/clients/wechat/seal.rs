//! Nothing secret lies readable in the short-lived store.

use std::sync::Arc;

use anyhow::anyhow;
use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

use crate::platform::{Entropy, Secret, entropy};

/// AES-256-GCM-SIV (RFC 8452) under a key that all instances share. A sealed text is bound to its
/// place, so that it cannot be moved under another key of the store.
pub(super) struct Seal {
    key: LessSafeKey,
    entropy: Arc<dyn Entropy>,
}

impl Seal {
    pub(super) fn new(key: &[u8; 32], entropy: Arc<dyn Entropy>) -> anyhow::Result<Self> {
        let key = UnboundKey::new(&AES_256_GCM_SIV, key)
            .map_err(|_| anyhow!("the seal key is not usable"))?;
        Ok(Self {
            key: LessSafeKey::new(key),
            entropy,
        })
    }

    /// The nonce, then the ciphertext, then the tag.
    pub(super) fn close(&self, place: &str, text: &str) -> anyhow::Result<Vec<u8>> {
        let nonce: [u8; NONCE_LEN] = entropy::bytes(self.entropy.as_ref());
        let mut sealed = text.as_bytes().to_vec();
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.as_bytes()),
                &mut sealed,
            )
            .map_err(|_| anyhow!("sealing failed"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// What was sealed for `place`, or `None` if that was something else, or by another key.
    pub(super) fn open(&self, place: &str, sealed: &[u8]) -> Option<Secret> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut text = Zeroizing::new(sealed.to_vec());
        let opened = self
            .key
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(place.as_bytes()),
                &mut text,
            )
            .ok()?;
        str::from_utf8(opened).ok().map(Secret::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::fakes::Counting;

    fn seal(key: u8) -> Seal {
        Seal::new(&[key; 32], Arc::new(Counting::default())).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_only_in_its_place_and_with_its_key() {
        let sealed = seal(1).close("here", "token").unwrap();
        assert!(!sealed.windows(5).any(|part| part == b"token"));
        assert_eq!(seal(1).open("here", &sealed).unwrap().reveal(), "token");
        assert!(seal(1).open("there", &sealed).is_none());
        assert!(seal(2).open("here", &sealed).is_none());
    }

    #[test]
    fn what_was_changed_does_not_open() {
        let sealed = seal(1).close("here", "token").unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(seal(1).open("here", &changed).is_none(), "byte {at}");
            assert!(seal(1).open("here", &sealed[..at]).is_none(), "cut at {at}");
        }
    }
}
