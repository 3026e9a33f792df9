//! The store of a single process, for development, tests and limits that need not be shared.

use std::{
    array,
    collections::{BTreeSet, HashMap},
    fmt,
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::anyhow;
use bytes::Bytes;
use chrono::{DateTime, Utc};

use super::{Admission, Answer, Ephemeral, Put, Quota, Rate, Unavailable, deadline};
use crate::platform::Clock;

const SHARDS: usize = 16;

/// Most values, and most counts, that a store keeps.
const CAPACITY: usize = 1 << 20;

/// Expired entries that a write removes at most: more than the one it may add, so garbage shrinks.
const PURGED_PER_WRITE: usize = 4;

/// A store that dies with its process and is not shared between instances.
///
/// Memory is bounded: every write removes a few expired entries, and a write that still finds no
/// room is `Unavailable`, because forgetting a live limit or a spent code would be a hole.
pub struct InProcess {
    clock: Arc<dyn Clock>,
    hasher: RandomState,
    values: [Mutex<Drawer<Value>>; SHARDS],
    /// In one piece, since a hit looks at several.
    counts: Mutex<Drawer<Windows>>,
}

/// The windows of a quota, in the order of its rates.
type Windows = Box<[Window]>;

#[derive(Clone, Copy)]
struct Window {
    count: u32,
    /// The first millisecond since the Unix epoch that is no longer in it.
    ends: i64,
}

struct Value {
    version: u64,
    bytes: Bytes,
}

impl InProcess {
    /// An empty store whose entries live by `clock`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self::with_capacity(clock, CAPACITY)
    }

    fn with_capacity(clock: Arc<dyn Clock>, capacity: usize) -> Self {
        Self {
            clock,
            hasher: RandomState::new(),
            values: array::from_fn(|_| Mutex::new(Drawer::new(capacity / SHARDS))),
            counts: Mutex::new(Drawer::new(capacity)),
        }
    }

    fn drawer_of(&self, key: &str) -> MutexGuard<'_, Drawer<Value>> {
        let [first, ..] = &self.values;
        let at = self.hasher.hash_one(key) % SHARDS as u64;
        let found = usize::try_from(at).ok().and_then(|at| self.values.get(at));
        lock(found.unwrap_or(first))
    }

    /// Set `key` if it holds nothing live, or something that `gives_way`.
    fn set_if(
        &self,
        key: &str,
        value: Value,
        ttl: Duration,
        gives_way: impl FnOnce(&Value) -> bool,
    ) -> Result<bool, Unavailable> {
        let mut drawer = self.drawer_of(key);
        let now = self.clock.now();
        if drawer.live(key, now).is_some_and(|held| !gives_way(held)) {
            return Ok(false);
        }
        drawer.set(key, value, deadline(now, ttl), now)?;
        Ok(true)
    }

    fn admit(&self, quotas: &[Quota], put: Option<Put<'_>>) -> Result<Admission, Unavailable> {
        let mut counts = lock(&self.counts);
        let now = self.clock.now();
        let mut counted = Vec::with_capacity(quotas.len());
        for (index, quota) in quotas.iter().enumerate() {
            match hit_on(counts.live(&quota.key, now), &quota.rates, now) {
                Ok(windows) => counted.push((&quota.key, windows)),
                Err(retry_after) => {
                    return Ok(Admission::Refused {
                        quota: index,
                        retry_after,
                    });
                }
            }
        }
        counts.make_room(counted.len(), now)?;
        if let Some(Put { key, value, ttl }) = put {
            self.set_if(key, Value::new(0, value), ttl, |_| true)?;
        }
        for (key, windows) in counted {
            let last = windows.iter().map(|window| window.ends).max();
            counts.set(key, windows, last.unwrap_or_default(), now)?;
        }
        Ok(Admission::Admitted)
    }
}

/// The windows of one quota after a hit at `now`, or how long the first full one is still open.
fn hit_on(held: Option<&Windows>, rates: &[Rate], now: DateTime<Utc>) -> Result<Windows, Duration> {
    let held = held.filter(|windows| windows.len() == rates.len());
    let after = rates.iter().enumerate().map(|(at, rate)| {
        let open = held
            .and_then(|windows| windows.get(at))
            .filter(|window| now.timestamp_millis() < window.ends);
        let Window { count, ends } = open.copied().unwrap_or_else(|| Window {
            count: 0,
            ends: deadline(now, rate.period),
        });
        if count >= rate.limit {
            let left = ends.saturating_sub(now.timestamp_millis());
            return Err(Duration::from_millis(left.unsigned_abs()));
        }
        let count = count + 1;
        Ok(Window { count, ends })
    });
    after.collect()
}

impl Ephemeral for InProcess {
    fn get<'a>(&'a self, keys: &'a [&'a str]) -> Answer<'a, Vec<Option<Bytes>>> {
        Box::pin(async move {
            let now = self.clock.now();
            let bytes = |key: &&str| Some(self.drawer_of(key).live(key, now)?.bytes.clone());
            Ok(keys.iter().map(bytes).collect())
        })
    }

    fn put<'a>(&'a self, key: &'a str, value: &'a [u8], ttl: Duration) -> Answer<'a, ()> {
        Box::pin(async move {
            self.set_if(key, Value::new(0, value), ttl, |_| true)?;
            Ok(())
        })
    }

    fn put_new<'a>(&'a self, key: &'a str, value: &'a [u8], ttl: Duration) -> Answer<'a, bool> {
        Box::pin(async move { self.set_if(key, Value::new(0, value), ttl, |_| false) })
    }

    fn put_newer<'a>(
        &'a self,
        key: &'a str,
        version: u64,
        value: &'a [u8],
        ttl: Duration,
    ) -> Answer<'a, bool> {
        Box::pin(async move {
            self.set_if(key, Value::new(version, value), ttl, |held| {
                held.version < version
            })
        })
    }

    fn take<'a>(&'a self, key: &'a str) -> Answer<'a, Option<Bytes>> {
        Box::pin(async move {
            let mut drawer = self.drawer_of(key);
            let now = self.clock.now();
            let live = drawer.live(key, now).is_some();
            let held = drawer.remove(key);
            Ok(held.filter(|_| live).map(|value| value.bytes))
        })
    }

    fn outdate<'a>(&'a self, keys: &'a [&'a str], version: u64, ttl: Duration) -> Answer<'a, ()> {
        Box::pin(async move {
            for key in keys {
                self.set_if(key, Value::new(version, b""), ttl, |_| true)?;
            }
            Ok(())
        })
    }

    fn hit<'a>(&'a self, quotas: &'a [Quota]) -> Answer<'a, Admission> {
        Box::pin(async move { self.admit(quotas, None) })
    }

    fn hit_and_put<'a>(
        &'a self,
        quotas: &'a [Quota],
        key: &'a str,
        value: &'a [u8],
        ttl: Duration,
    ) -> Answer<'a, Admission> {
        Box::pin(async move { self.admit(quotas, Some(Put { key, value, ttl })) })
    }

    fn ping(&self) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InProcess").finish_non_exhaustive()
    }
}

impl Value {
    fn new(version: u64, bytes: &[u8]) -> Self {
        Self {
            version,
            bytes: Bytes::copy_from_slice(bytes),
        }
    }
}

fn lock<T>(drawer: &Mutex<Drawer<T>>) -> MutexGuard<'_, Drawer<T>> {
    // Nothing panics between two changes of a drawer, so a poisoned one is still whole.
    drawer.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Entries by key, and their keys by deadline. Both sides always hold the same entries.
struct Drawer<T> {
    capacity: usize,
    entries: HashMap<Arc<str>, (T, i64)>,
    deadlines: BTreeSet<(i64, Arc<str>)>,
}

impl<T> Drawer<T> {
    fn new(capacity: usize) -> Self {
        Self {
            capacity,
            entries: HashMap::new(),
            deadlines: BTreeSet::new(),
        }
    }

    fn live(&self, key: &str, now: DateTime<Utc>) -> Option<&T> {
        let (value, deadline) = self.entries.get(key)?;
        (now.timestamp_millis() < *deadline).then_some(value)
    }

    fn remove(&mut self, key: &str) -> Option<T> {
        let (key, (value, deadline)) = self.entries.remove_entry(key)?;
        self.deadlines.remove(&(deadline, key));
        Some(value)
    }

    fn set(
        &mut self,
        key: &str,
        value: T,
        deadline: i64,
        now: DateTime<Utc>,
    ) -> Result<(), Unavailable> {
        self.remove(key);
        self.make_room(1, now)?;
        let key: Arc<str> = key.into();
        self.deadlines.insert((deadline, key.clone()));
        self.entries.insert(key, (value, deadline));
        Ok(())
    }

    /// Remove a few expired entries; refuse if `more` would still not fit.
    fn make_room(&mut self, more: usize, now: DateTime<Utc>) -> Result<(), Unavailable> {
        for _ in 0..more.saturating_mul(PURGED_PER_WRITE) {
            let Some((deadline, _)) = self.deadlines.first() else {
                break;
            };
            if now.timestamp_millis() < *deadline {
                break;
            }
            if let Some((_, key)) = self.deadlines.pop_first() {
                self.entries.remove(&key);
            }
        }
        if self.entries.len() + more > self.capacity {
            return Err(Unavailable(anyhow!("the in-process store is full")));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::platform::SystemClock;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    #[test]
    fn writes_remove_what_has_expired() {
        let mut drawer = Drawer::new(1_000);
        for key in 0..100 {
            drawer
                .set(&format!("old {key}"), key, 1_000, at(0))
                .unwrap();
        }
        for key in 0..50 {
            drawer
                .set(&format!("new {key}"), key, 90_000, at(2))
                .unwrap();
        }
        assert_eq!(drawer.entries.len(), 50, "only the live ones are kept");
        assert_eq!(drawer.deadlines.len(), 50);
    }

    #[test]
    fn overwriting_and_taking_leave_nothing_behind() {
        let mut drawer = Drawer::new(10);
        for round in 0..100 {
            drawer.set("key", round, 1_000 + round, at(0)).unwrap();
        }
        assert_eq!(drawer.deadlines.len(), 1);
        assert_eq!(drawer.remove("key"), Some(99));
        assert!(drawer.deadlines.is_empty() && drawer.entries.is_empty());
    }

    #[test]
    fn a_full_drawer_refuses_rather_than_forget_a_live_entry() {
        let mut drawer = Drawer::new(2);
        drawer.set("a", 1, 10_000, at(0)).unwrap();
        drawer.set("b", 2, 20_000, at(0)).unwrap();
        assert!(drawer.set("c", 3, 30_000, at(0)).is_err());
        assert_eq!(drawer.live("a", at(0)), Some(&1));
        drawer.set("a", 4, 10_000, at(0)).unwrap();
        drawer.set("c", 3, 30_000, at(10)).unwrap();
        assert_eq!(drawer.live("a", at(10)), None);
    }

    fn quotas<const N: usize>(keys: [&str; N]) -> [Quota; N] {
        keys.map(|key| Quota::new(key, 1, Duration::from_hours(1)))
    }

    #[test]
    fn a_hit_that_finds_no_room_counts_on_no_quota() {
        let store = InProcess::with_capacity(Arc::new(SystemClock), 2);
        assert!(store.admit(&quotas(["a", "b", "c"]), None).is_err());
        let both = store.admit(&quotas(["a", "b"]), None);
        assert_eq!(both.unwrap(), Admission::Admitted);
    }

    #[test]
    fn a_hit_whose_value_finds_no_room_counts_on_no_quota() {
        // One value in each shard, at the most.
        let store = InProcess::with_capacity(Arc::new(SystemClock), SHARDS);
        let put = |key| Put {
            key,
            value: b"x",
            ttl: Duration::from_hours(1),
        };
        let keys: Vec<String> = (0..=SHARDS).map(|key| key.to_string()).collect();
        let full = keys
            .iter()
            .find(|key| store.admit(&[], Some(put(key))).is_err());
        let full = full.expect("a shard takes one value");
        assert!(store.admit(&quotas(["a"]), Some(put(full))).is_err());
        let alone = store.admit(&quotas(["a"]), None);
        assert_eq!(alone.unwrap(), Admission::Admitted);
    }
}
