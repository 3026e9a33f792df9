//! Answers kept in memory for a moment, on the hottest paths.

use std::{
    collections::HashMap,
    fmt,
    hash::{BuildHasher, BuildHasherDefault, Hash, Hasher},
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};

const MOST_SHARDS: usize = 64;

/// A bounded map that many threads share. Entries are forgotten when they expire, when they are
/// removed, or when newer and busier ones need their room: never the only copy of anything.
///
/// Each shard has a young and an old generation. A full young generation becomes the old one, and
/// the old one is dropped whole; reading an old entry makes it young again. So what is in use
/// stays, no entry costs a list node, and one entry in a few thousand pays for the turnover.
///
/// Values are cloned out under a lock: keep them cheap, such as an `Arc` or `Bytes`. Keys must
/// not be of an outsider's making (digests, tags and our own ids are not), because the hash is
/// fast rather than collision resistant.
pub struct Cache<K, V> {
    shards: Box<[Mutex<Generations<K, V>>]>,
    /// Most entries in one generation of one shard.
    generation: usize,
}

type Generation<K, V> = HashMap<K, (V, DateTime<Utc>), BuildHasherDefault<Fold>>;

struct Generations<K, V> {
    young: Generation<K, V>,
    old: Generation<K, V>,
}

impl<K: Hash + Eq + Clone, V: Clone> Cache<K, V> {
    /// An empty cache of at most `capacity` entries, at least two.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        let shards = (capacity / MOST_SHARDS)
            .next_power_of_two()
            .min(MOST_SHARDS);
        Self {
            shards: (0..shards).map(|_| Mutex::default()).collect(),
            generation: (capacity / shards / 2).max(1),
        }
    }

    /// What `key` holds, if it is good at `now`.
    pub fn get(&self, key: &K, now: DateTime<Utc>) -> Option<V> {
        let mut shard = self.shard(key)?;
        if let Some((value, good_until)) = shard.young.get(key) {
            return (now < *good_until).then(|| value.clone());
        }
        let (key, (value, good_until)) = shard.old.remove_entry(key)?;
        if now >= good_until {
            return None;
        }
        shard.keep(key, value.clone(), good_until, self.generation);
        Some(value)
    }

    /// Keep `value` for `key` while the time is before `good_until`, in place of what it held.
    pub fn insert(&self, key: K, value: V, good_until: DateTime<Utc>) {
        if let Some(mut shard) = self.shard(&key) {
            shard.old.remove(&key);
            shard.keep(key, value, good_until, self.generation);
        }
    }

    /// Forget `key`.
    pub fn remove(&self, key: &K) {
        if let Some(mut shard) = self.shard(key) {
            shard.young.remove(key);
            shard.old.remove(key);
        }
    }

    /// Always some: the number of shards is a power of two.
    fn shard(&self, key: &K) -> Option<MutexGuard<'_, Generations<K, V>>> {
        // The map inside takes the lowest and the highest bits.
        let hash = BuildHasherDefault::<Fold>::default().hash_one(key) >> 32;
        let at = usize::try_from(hash).unwrap_or(0) & (self.shards.len() - 1);
        let shard = self.shards.get(at)?;
        // Nothing panics between two changes of a shard, so a poisoned one is still whole.
        Some(shard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<K: Hash + Eq, V> Generations<K, V> {
    fn keep(&mut self, key: K, value: V, good_until: DateTime<Utc>, most: usize) {
        if self.young.len() >= most && !self.young.contains_key(&key) {
            self.old = mem::take(&mut self.young);
            self.young.reserve(most);
        }
        self.young.insert(key, (value, good_until));
    }
}

impl<K, V> Default for Generations<K, V> {
    fn default() -> Self {
        Self {
            young: HashMap::default(),
            old: HashMap::default(),
        }
    }
}

impl<K, V> fmt::Debug for Cache<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").finish_non_exhaustive()
    }
}

/// Folds keys that are already random into 64 bits, a word at a time.
#[derive(Default)]
struct Fold(u64);

impl Fold {
    fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

impl Hasher for Fold {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.add(u64::from_le_bytes(*word));
        }
        for byte in rest {
            self.add(u64::from(*byte));
        }
    }

    fn write_u8(&mut self, byte: u8) {
        self.add(u64::from(byte));
    }

    fn write_u64(&mut self, word: u64) {
        self.add(word);
    }

    fn write_usize(&mut self, word: usize) {
        self.add(word as u64);
    }

    fn write_u128(&mut self, wide: u128) {
        self.write(&wide.to_le_bytes());
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, sync::Arc, thread};

    use chrono::TimeDelta;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn digest(of: u64) -> [u8; 32] {
        let mut bytes = [7; 32];
        bytes[..8].copy_from_slice(&of.wrapping_mul(0xD134_2543_DE82_EF95).to_be_bytes());
        bytes
    }

    fn held<K, V>(cache: &Cache<K, V>) -> usize {
        let count = |shard: &Mutex<Generations<K, V>>| {
            let shard = shard.lock().unwrap();
            shard.young.len() + shard.old.len()
        };
        cache.shards.iter().map(count).sum()
    }

    #[test]
    fn an_entry_is_good_until_the_moment_it_was_given() {
        let cache = Cache::new(100);
        cache.insert(digest(1), "one", at(10));
        assert_eq!(cache.get(&digest(1), at(9)), Some("one"));
        assert_eq!(cache.get(&digest(1), at(10)), None);
        assert_eq!(cache.get(&digest(2), at(0)), None);
    }

    #[test]
    fn the_last_insert_wins_even_over_an_old_generation() {
        let cache = Cache::new(2);
        cache.insert(digest(1), "first", at(10));
        cache.insert(
            digest(2),
            "pushes the first into the old generation",
            at(10),
        );
        cache.insert(digest(1), "second", at(10));
        assert_eq!(cache.get(&digest(1), at(0)), Some("second"));
    }

    #[test]
    fn a_removed_entry_is_gone_from_both_generations() {
        let cache = Cache::new(2);
        cache.insert(digest(1), 1, at(10));
        cache.insert(digest(2), 2, at(10));
        for key in [1, 2] {
            cache.remove(&digest(key));
            assert_eq!(cache.get(&digest(key), at(0)), None);
        }
        assert_eq!(held(&cache), 0);
    }

    #[test]
    fn it_never_holds_more_than_its_capacity() {
        for capacity in [2, 3, 100, 1_000, 10_000] {
            let cache = Cache::new(capacity);
            for key in 0..50_000 {
                cache.insert(digest(key), key, at(10));
                cache.get(&digest(key / 2), at(0));
            }
            assert!(held(&cache) <= capacity, "{} of {capacity}", held(&cache));
            assert!(held(&cache) >= capacity / 4, "room is used");
        }
    }

    #[test]
    fn what_is_in_use_outlives_what_is_not() {
        let cache = Cache::new(1_000);
        cache.insert(digest(0), 0, at(10));
        for key in 1..20_000 {
            cache.insert(digest(key), key, at(10));
            assert_eq!(cache.get(&digest(0), at(0)), Some(0), "after {key} others");
        }
        assert_eq!(cache.get(&digest(1), at(0)), None);
    }

    #[test]
    fn neighbouring_ids_spread_over_all_shards() {
        let cache = Cache::new(100_000);
        let fold = BuildHasherDefault::<Fold>::default();
        let hashes: HashSet<u64> = (0..10_000_u128)
            .map(|id| fold.hash_one((id << 64, 0_u8)))
            .collect();
        assert_eq!(hashes.len(), 10_000);
        for id in 0..10_000_u128 {
            cache.insert((id << 64, 0_u8), id, at(10));
        }
        let fullest = cache.shards.iter().map(|s| s.lock().unwrap().young.len());
        assert!(fullest.max().unwrap() < 2 * 10_000 / MOST_SHARDS);
    }

    #[test]
    fn threads_share_it() {
        let cache = Arc::new(Cache::new(10_000));
        let writers = (0..4).map(|thread| {
            let cache = cache.clone();
            thread::spawn(move || {
                for key in 0..1_000 {
                    cache.insert((key, thread), key, at(10));
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.join().unwrap();
        }
        for thread in 0..4_u8 {
            assert_eq!(cache.get(&(999_u128, thread), at(0)), Some(999));
        }
    }
}
