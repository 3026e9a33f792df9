//! What is handed out once and kept as a digest.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::entropy::{self, Entropy};

/// Characters of one.
const LENGTH: usize = 43;

/// 256 random bits in base64url. Only its digest is stored.
pub struct OneTime(Zeroizing<String>);

impl OneTime {
    /// One that was never drawn before.
    #[must_use]
    pub fn new(entropy: &dyn Entropy) -> Self {
        let bits = entropy::key::<32>(entropy);
        Self(Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(*bits)))
    }

    /// What is stored of it.
    #[must_use]
    pub fn digest(&self) -> Vec<u8> {
        digest(&SHA256, self.0.as_bytes()).as_ref().to_vec()
    }

    /// The secret, for the one answer that hands it out.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for OneTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTime(***)")
    }
}

/// What would be stored of `text`, if it can be a secret at all.
#[must_use]
pub fn digest_of(text: &[u8]) -> Option<Vec<u8>> {
    (text.len() == LENGTH).then(|| digest(&SHA256, text).as_ref().to_vec())
}
