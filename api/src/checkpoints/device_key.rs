//! The key in a device, and what it signs.

use std::fmt;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, prelude::BASE64_STANDARD};
use entity::values::DeviceId;
use zeroize::Zeroizing;

use super::{
    records::{Signed, Told},
    signature::{Call, base, content_digest, params},
};
use crate::platform::{Entropy, entropy};

/// What a device signs when it enrols, before its one-time code.
const ENROLMENT: &str = "tongxing-device-enrolment-v1\n";

/// The private key of a device.
pub struct DeviceKey(Ed25519KeyPair);

/// Not an Ed25519 key, or the crypto library failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a PKCS #8 Ed25519 key in base64")]
pub struct NoDeviceKey;

impl DeviceKey {
    /// A new key, and the base64 of its PKCS #8 to keep it in.
    pub fn create(entropy: &dyn Entropy) -> Result<(Self, Zeroizing<String>), NoDeviceKey> {
        let seed = entropy::key::<32>(entropy);
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.as_slice()).map_err(|_| NoDeviceKey)?;
        let private = pair.to_pkcs8v1().map_err(|_| NoDeviceKey)?;
        let kept = Zeroizing::new(BASE64_STANDARD.encode(private.as_ref()));
        Ok((Self(pair), kept))
    }

    /// The key in `text`, as [`DeviceKey::create`] wrote it.
    pub fn read(text: &str) -> Result<Self, NoDeviceKey> {
        let private = BASE64_STANDARD.decode(text.trim());
        let private = Zeroizing::new(private.map_err(|_| NoDeviceKey)?);
        let pair = Ed25519KeyPair::from_pkcs8(&private);
        pair.map(Self).map_err(|_| NoDeviceKey)
    }

    /// The base64 of the public half.
    #[must_use]
    pub fn public(&self) -> String {
        BASE64_STANDARD.encode(self.0.public_key().as_ref())
    }

    /// What proves, with the one-time `code`, that this key is the device's own.
    #[must_use]
    pub fn proof(&self, code: &str) -> String {
        self.sign(&enrolment_of(code))
    }

    /// The headers that sign `call` as `device`, with their values.
    #[must_use]
    pub fn headers(
        &self,
        device: DeviceId,
        call: Call<'_>,
        created: i64,
        nonce: &str,
    ) -> [(&'static str, String); 3] {
        let params = params(device, created, nonce);
        let signature = self.sign(base(call, &params).as_bytes());
        [
            ("Content-Digest", content_digest(call.body)),
            ("Signature-Input", format!("gate={params}")),
            ("Signature", format!("gate=:{signature}:")),
        ]
    }

    /// `record` as it is delivered.
    #[must_use]
    pub fn record(&self, told: Told) -> Signed {
        let sig = self.sign(&told.to_be_signed());
        Signed { told, sig }
    }

    fn sign(&self, message: &[u8]) -> String {
        BASE64_STANDARD.encode(self.0.sign(message).as_ref())
    }
}

/// What a device signs to enrol with `code`.
pub(super) fn enrolment_of(code: &str) -> Vec<u8> {
    [ENROLMENT, code].concat().into_bytes()
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceKey(***)")
    }
}
