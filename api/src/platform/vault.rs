//! Personal data at rest: sealed per person, found by keyed blind indexes (SECURITY §6).
//!
//! Three kinds of key. *Key-encryption keys* come from configuration, have ids, and seal *data keys*,
//! one for each person; a data key seals that person's fields. *Index keys* turn a phone or document
//! number into something that can be looked up and kept unique, and says nothing without the key.

use std::{collections::BTreeMap, fmt};

use aws_lc_rs::{
    aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac,
};
use zeroize::Zeroizing;

use super::entropy::{self, Entropy};

/// Bytes of every key here.
pub const KEY_BYTES: usize = 32;

/// Bytes of a blind index without its key's version.
const INDEX_BYTES: usize = 16;

/// Layout of a sealed value: this byte, the key id, the nonce, the ciphertext with its tag.
const VERSION: u8 = 1;

/// Bytes before the ciphertext.
const HEADER_BYTES: usize = 3 + NONCE_LEN;

/// A sealed value is not what this place and this owner sealed: wrong key, wrong row, or damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("sealed data does not open here")]
pub struct Sealed;

/// The keys that a vault was set up with.
pub struct VaultKeys {
    /// Key-encryption keys by id. The highest id seals; all open.
    pub encryption: BTreeMap<u16, Zeroizing<[u8; KEY_BYTES]>>,
    /// Blind-index keys by version. The highest version writes.
    pub index: BTreeMap<u8, Zeroizing<[u8; KEY_BYTES]>>,
}

/// Seals and opens.
pub struct Vault {
    encryption: BTreeMap<u16, LessSafeKey>,
    current: u16,
    index: BTreeMap<u8, hmac::Key>,
    current_index: u8,
}

/// What binds a sealed value to where it belongs: a table's column and the row's owner. Moved
/// elsewhere it does not open.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// `table.column`.
    pub column: &'static str,
    /// Id of the owner or the row.
    pub owner: &'a [u8],
}

impl Place<'_> {
    fn aad(&self) -> Aad<Vec<u8>> {
        Aad::from([self.column.as_bytes(), b"|", self.owner].concat())
    }
}

/// One person's data key.
pub struct DataKey(LessSafeKey);

/// A vault was set up without a key, or with a key of the wrong length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a vault needs at least one encryption key and one index key of {KEY_BYTES} bytes")]
pub struct NoKeys;

impl Vault {
    /// A vault with `keys`.
    pub fn new(keys: &VaultKeys) -> Result<Self, NoKeys> {
        let encryption = keys
            .encryption
            .iter()
            .map(|(id, key)| {
                aead_key(key.as_slice())
                    .map(|key| (*id, key))
                    .map_err(|_| NoKeys)
            })
            .collect::<Result<BTreeMap<_, _>, _>>()?;
        let index: BTreeMap<_, _> = keys
            .index
            .iter()
            .map(|(version, key)| (*version, hmac::Key::new(hmac::HMAC_SHA256, key.as_slice())))
            .collect();
        let current = *encryption.keys().next_back().ok_or(NoKeys)?;
        let current_index = *index.keys().next_back().ok_or(NoKeys)?;
        Ok(Self {
            encryption,
            current,
            index,
            current_index,
        })
    }

    /// A new data key, and the same sealed for storage with its owner.
    pub fn new_data_key(
        &self,
        owner: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<(DataKey, Vec<u8>), Sealed> {
        let raw = entropy::key::<KEY_BYTES>(entropy);
        let sealed = self.seal(DATA_KEY.owned_by(owner), raw.as_slice(), entropy)?;
        Ok((DataKey(aead_key(raw.as_slice())?), sealed))
    }

    /// The data key that was sealed for `owner`.
    pub fn data_key(&self, owner: &[u8], sealed: &[u8]) -> Result<DataKey, Sealed> {
        let raw = self.open(DATA_KEY.owned_by(owner), sealed)?;
        Ok(DataKey(aead_key(&raw)?))
    }

    /// Seal what belongs to the service rather than to a person, under the current key.
    pub fn seal(
        &self,
        place: Place<'_>,
        plain: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, Sealed> {
        let key = self.encryption.get(&self.current).ok_or(Sealed)?;
        seal(key, self.current, place, plain, entropy)
    }

    /// Open what [`Vault::seal`] sealed at `place`, under whichever key it names.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Sealed> {
        let key = self.encryption.get(&key_id(sealed)?).ok_or(Sealed)?;
        open(key, place, sealed)
    }

    /// The blind index of `normalised` in `column`: equal values have equal indexes, and without the
    /// key an index says nothing. Its first byte is the version of the key.
    #[must_use]
    pub fn index(&self, column: &'static str, normalised: &str) -> Vec<u8> {
        self.index_with(self.current_index, column, normalised)
            .unwrap_or_default()
    }

    /// The blind indexes of `normalised` under every key version, newest first: where to look while
    /// a rotation is under way.
    #[must_use]
    pub fn indexes(&self, column: &'static str, normalised: &str) -> Vec<Vec<u8>> {
        self.index
            .keys()
            .rev()
            .filter_map(|version| self.index_with(*version, column, normalised))
            .collect()
    }

    fn index_with(&self, version: u8, column: &'static str, normalised: &str) -> Option<Vec<u8>> {
        let mut context = hmac::Context::with_key(self.index.get(&version)?);
        context.update(column.as_bytes());
        context.update(b"|");
        context.update(normalised.as_bytes());
        let tag = context.sign();
        Some([&[version], tag.as_ref().get(..INDEX_BYTES)?].concat())
    }
}

impl DataKey {
    /// Seal one field of this key's owner.
    pub fn seal(
        &self,
        place: Place<'_>,
        plain: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, Sealed> {
        seal(&self.0, 0, place, plain, entropy)
    }

    /// Open one field of this key's owner.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Sealed> {
        open(&self.0, place, sealed)
    }

    /// Open a field that holds text.
    pub fn open_text(&self, place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<String>, Sealed> {
        let bytes = self.open(place, sealed)?;
        String::from_utf8(bytes.to_vec())
            .map(Zeroizing::new)
            .map_err(|_| Sealed)
    }
}

/// A column whose sealed values belong to an owner.
#[derive(Debug, Clone, Copy)]
pub struct Column(pub &'static str);

impl Column {
    /// The place of `owner`'s value in this column.
    #[must_use]
    pub fn owned_by(self, owner: &[u8]) -> Place<'_> {
        Place {
            column: self.0,
            owner,
        }
    }
}

const DATA_KEY: Column = Column("person.data_key");

fn aead_key(raw: &[u8]) -> Result<LessSafeKey, Sealed> {
    UnboundKey::new(&AES_256_GCM_SIV, raw)
        .map(LessSafeKey::new)
        .map_err(|_| Sealed)
}

// AES-256-GCM-SIV stays safe if a nonce should ever repeat, which random nonces of 96 bits may.
fn seal(
    key: &LessSafeKey,
    id: u16,
    place: Place<'_>,
    plain: &[u8],
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, Sealed> {
    let nonce = entropy::bytes::<NONCE_LEN>(entropy);
    let mut text = plain.to_vec();
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), place.aad(), &mut text)
        .map_err(|_| Sealed)?;
    let mut sealed = Vec::with_capacity(HEADER_BYTES + text.len());
    sealed.push(VERSION);
    sealed.extend_from_slice(&id.to_be_bytes());
    sealed.extend_from_slice(&nonce);
    sealed.append(&mut text);
    Ok(sealed)
}

fn open(key: &LessSafeKey, place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Sealed> {
    let ([VERSION, _, _, nonce @ ..], text) =
        sealed.split_first_chunk::<HEADER_BYTES>().ok_or(Sealed)?
    else {
        return Err(Sealed);
    };
    let mut text = Zeroizing::new(text.to_vec());
    let length = key
        .open_in_place(Nonce::assume_unique_for_key(*nonce), place.aad(), &mut text)
        .map_err(|_| Sealed)?
        .len();
    text.truncate(length);
    Ok(text)
}

fn key_id(sealed: &[u8]) -> Result<u16, Sealed> {
    match sealed {
        [VERSION, high, low, ..] => Ok(u16::from_be_bytes([*high, *low])),
        _ => Err(Sealed),
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault")
            .field("current", &self.current)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for VaultKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VaultKeys(***)")
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::OsEntropy;

    const NAME: Column = Column("person.name");
    const PHONE: Column = Column("person.phone");

    fn keys(encryption: &[u16], index: &[u8]) -> VaultKeys {
        VaultKeys {
            encryption: encryption
                .iter()
                .map(|id| (*id, Zeroizing::new([u8::try_from(*id).unwrap(); KEY_BYTES])))
                .collect(),
            index: index
                .iter()
                .map(|v| (*v, Zeroizing::new([*v; KEY_BYTES])))
                .collect(),
        }
    }

    fn vault() -> Vault {
        Vault::new(&keys(&[1], &[1])).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_at_its_place() {
        let (key, sealed_key) = vault().new_data_key(b"zhang", &OsEntropy).unwrap();
        let sealed = key
            .seal(NAME.owned_by(b"zhang"), "张三".as_bytes(), &OsEntropy)
            .unwrap();

        let again = vault().data_key(b"zhang", &sealed_key).unwrap();
        assert_eq!(
            *again.open_text(NAME.owned_by(b"zhang"), &sealed).unwrap(),
            "张三"
        );
    }

    #[test]
    fn a_value_moved_to_another_row_or_column_does_not_open() {
        let (key, sealed_key) = vault().new_data_key(b"zhang", &OsEntropy).unwrap();
        let sealed = key.seal(NAME.owned_by(b"zhang"), b"x", &OsEntropy).unwrap();

        assert_eq!(key.open(NAME.owned_by(b"li"), &sealed), Err(Sealed));
        assert_eq!(key.open(PHONE.owned_by(b"zhang"), &sealed), Err(Sealed));
        assert!(vault().data_key(b"li", &sealed_key).is_err());
    }

    #[test]
    fn damaged_values_are_errors() {
        let (key, _) = vault().new_data_key(b"zhang", &OsEntropy).unwrap();
        let place = NAME.owned_by(b"zhang");
        let sealed = key.seal(place, b"x", &OsEntropy).unwrap();
        for length in 0..sealed.len() {
            assert_eq!(key.open(place, &sealed[..length]), Err(Sealed));
        }
        for at in (0..sealed.len()).filter(|at| !(1..3).contains(at)) {
            let mut flipped = sealed.clone();
            flipped[at] ^= 1;
            assert_eq!(key.open(place, &flipped), Err(Sealed), "byte {at}");
        }
    }

    #[test]
    fn values_under_an_old_key_open_after_rotation_and_new_ones_use_the_new_key() {
        let place = NAME.owned_by(b"zhang");
        let old = vault().seal(place, b"x", &OsEntropy).unwrap();
        let rotated = Vault::new(&keys(&[1, 2], &[1])).unwrap();

        assert_eq!(rotated.open(place, &old).unwrap().as_slice(), b"x");
        let new = rotated.seal(place, b"x", &OsEntropy).unwrap();
        assert_eq!(vault().open(place, &new), Err(Sealed));
    }

    #[test]
    fn an_index_is_the_same_for_the_same_value_and_differs_by_column_and_key() {
        let index = vault().index("person.phone", "13800138000");
        assert_eq!(index.len(), 1 + INDEX_BYTES);
        assert_eq!(index, vault().index("person.phone", "13800138000"));
        assert_ne!(index, vault().index("person.phone", "13800138001"));
        assert_ne!(index, vault().index("person.document", "13800138000"));

        let rotated = Vault::new(&keys(&[1], &[1, 2])).unwrap();
        assert_ne!(index, rotated.index("person.phone", "13800138000"));
        assert!(
            rotated
                .indexes("person.phone", "13800138000")
                .contains(&index)
        );
    }

    #[test]
    fn a_vault_without_keys_cannot_be_made() {
        assert!(Vault::new(&keys(&[], &[1])).is_err());
        assert!(Vault::new(&keys(&[1], &[])).is_err());
    }
}
