//! The person number inside a code, sealed under the key of the day.
//!
//! A handle is one AES-128 block over the number and 64 random bits. The issuer opens it without any
//! store; nobody else can tell two handles of one person from those of two people. When the key of a
//! day is destroyed, its handles become unlinkable for the operator too.

use std::fmt;

use aws_lc_rs::cipher::{
    AES_128, DecryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey,
    UnboundCipherKey,
};
use aws_lc_rs::error::Unspecified;

/// Bytes of a handle, and of the key that seals it.
pub const HANDLE_BYTES: usize = 16;

/// A sealed person number. It names a showing of a code, so it stays out of `Debug` output.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Handle(pub [u8; HANDLE_BYTES]);

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handle(***)")
    }
}

/// The crypto library refused a key or a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the handle cipher failed")]
pub struct CipherFailed;

impl From<Unspecified> for CipherFailed {
    fn from(_: Unspecified) -> Self {
        Self
    }
}

/// The key of one day, expanded once and held.
///
/// aws-lc-rs offers single-block AES only with PKCS #7 padding. For a whole block that padding is a
/// second block, the same for every handle of a key: sealing drops it, opening puts it back.
pub struct DayKey {
    seal: PaddedBlockEncryptingKey,
    open: PaddedBlockDecryptingKey,
    padding: [u8; HANDLE_BYTES],
}

impl DayKey {
    /// Expand `key`.
    pub fn new(key: &[u8; HANDLE_BYTES]) -> Result<Self, CipherFailed> {
        let unbound = || UnboundCipherKey::new(&AES_128, key);
        let seal = PaddedBlockEncryptingKey::ecb_pkcs7(unbound()?)?;
        let mut padding = Vec::with_capacity(HANDLE_BYTES);
        seal.encrypt(&mut padding)?;
        Ok(Self {
            padding: padding.try_into().map_err(|_| CipherFailed)?,
            open: PaddedBlockDecryptingKey::ecb_pkcs7(unbound()?)?,
            seal,
        })
    }

    /// The handle of person `number` for one showing. `random` is fresh each time, or showings of
    /// one person can be linked.
    pub fn seal(&self, number: u64, random: u64) -> Result<Handle, CipherFailed> {
        let mut block = Vec::with_capacity(2 * HANDLE_BYTES);
        block.extend_from_slice(&number.to_be_bytes());
        block.extend_from_slice(&random.to_be_bytes());
        self.seal.encrypt(&mut block)?;
        block
            .first_chunk()
            .map(|sealed| Handle(*sealed))
            .ok_or(CipherFailed)
    }

    /// The person number in `handle`.
    ///
    /// Every sixteen bytes open to some number. That this key sealed them is known from the signature
    /// of the code they came in, so open only the handle of a verified code.
    pub fn open(&self, handle: &Handle) -> Result<u64, CipherFailed> {
        let mut blocks = [0; 2 * HANDLE_BYTES];
        let (sealed, padding) = blocks.split_at_mut(HANDLE_BYTES);
        sealed.copy_from_slice(&handle.0);
        padding.copy_from_slice(&self.padding);
        let plain = self.open.decrypt(&mut blocks, DecryptionContext::None)?;
        plain
            .first_chunk()
            .map(|number| u64::from_be_bytes(*number))
            .ok_or(CipherFailed)
    }
}

impl fmt::Debug for DayKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DayKey(***)")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_handle_is_one_aes_128_block() {
        // FIPS 197, appendix C.1.
        let key = DayKey::new(&core::array::from_fn(|at| u8::try_from(at).unwrap())).unwrap();
        let handle = key
            .seal(0x0011_2233_4455_6677, 0x8899_aabb_ccdd_eeff)
            .unwrap();
        assert_eq!(hex::encode(handle.0), "69c4e0d86a7b0430d8cdb78070b4c55a");
        assert_eq!(key.open(&handle), Ok(0x0011_2233_4455_6677));
    }

    #[test]
    fn twenty_showings_of_one_person_share_no_handle() {
        let key = DayKey::new(&[7; 16]).unwrap();
        let handles: HashSet<_> = (0..20).map(|n| key.seal(42, n).unwrap()).collect();
        assert_eq!(handles.len(), 20);
        for handle in &handles {
            assert_eq!(key.open(handle), Ok(42));
        }
    }

    #[test]
    fn another_day_opens_another_number() {
        let handle = DayKey::new(&[7; 16]).unwrap().seal(42, 1).unwrap();
        assert_ne!(DayKey::new(&[8; 16]).unwrap().open(&handle), Ok(42));
    }

    #[test]
    fn keys_and_handles_do_not_show_in_debug_output() {
        let key = DayKey::new(&[7; 16]).unwrap();
        assert_eq!(format!("{key:?}"), "DayKey(***)");
        assert_eq!(format!("{:?}", key.seal(1, 2).unwrap()), "Handle(***)");
    }

    proptest! {
        #[test]
        fn every_number_comes_back(number: u64, random: u64, secret: [u8; 16]) {
            let key = DayKey::new(&secret).unwrap();
            prop_assert_eq!(key.open(&key.seal(number, random).unwrap()), Ok(number));
        }

        #[test]
        fn any_sixteen_bytes_open_to_some_number(bytes: [u8; 16]) {
            prop_assert!(DayKey::new(&[7; 16]).unwrap().open(&Handle(bytes)).is_ok());
        }
    }
}
