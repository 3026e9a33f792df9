//! What was probably in the file before.

use std::hash::{BuildHasher, Hash, RandomState};

/// Words of the filter: 16 MiB, whatever the file's size.
const WORDS: usize = 1 << 21;

/// A Bloom filter in which one word answers for a key: it never forgets one, and takes one in some
/// thousands for another while it has seen a few million.
///
/// A row that it has not seen can be copied straight into the table; one that it may have seen is
/// looked for there first. Without it each chunk would run into the repetitions of earlier ones.
pub(super) struct Sighted {
    words: Box<[u64]>,
    hasher: RandomState,
}

impl Sighted {
    pub(super) fn new() -> Self {
        Self {
            words: vec![0; WORDS].into_boxed_slice(),
            hasher: RandomState::new(),
        }
    }

    /// Note `key`, and say whether it may have been noted before.
    pub(super) fn note(&mut self, key: impl Hash) -> bool {
        let hash = self.hasher.hash_one(key);
        let bit = |at: u32| 1_u64 << ((hash >> at) & 63);
        let bits = bit(0) | bit(6) | bit(12);
        let at = usize::try_from(hash >> 32).unwrap_or_default() % WORDS;
        let Some(word) = self.words.get_mut(at) else {
            return true;
        };
        let seen = *word & bits == bits;
        *word |= bits;
        seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_never_forgotten_and_little_else_is_remembered() {
        let mut sighted = Sighted::new();
        let mistaken = (0..200_000_u32).filter(|key| sighted.note(key)).count();
        assert!(
            mistaken < 200,
            "{mistaken} of 200,000 were taken for others"
        );
        assert!((0..200_000_u32).all(|key| sighted.note(key)));
    }
}
