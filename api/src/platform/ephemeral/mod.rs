//! Short-lived state that instances share: sessions, one-time codes, rate limits, platform tokens.
//!
//! Never the only copy of anything acknowledged (SECURITY §8.3).

use std::{fmt::Debug, time::Duration};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;

mod in_process;
mod redis;

pub use in_process::InProcess;
pub use redis::{Redis, RedisSettings};

/// The store did not answer, or not in time. Callers decide whether their use fails open or closed.
#[derive(Debug, thiserror::Error)]
#[error("the short-lived store did not answer")]
pub struct Unavailable(#[source] pub anyhow::Error);

/// What a store answers.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, Unavailable>>;

/// "At most `limit` hits in any window of `period`, windows starting at their first hit."
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Hits admitted in one window.
    pub limit: u32,
    /// Length of a window.
    pub period: Duration,
}

/// What is counted, and at which rates it may happen. All rates of a quota cost little more than one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// What is counted, apart from values stored under the same key. Quotas of one hit have
    /// different keys. A `{tag}` makes keys share a cluster slot, which saves a round trip each.
    pub key: String,
    /// Each of them admits or refuses. How many there are belongs to the key: counts made with
    /// another number of rates do not count.
    pub rates: Vec<Rate>,
}

/// Whether a hit was admitted by all of its quotas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Every quota had room; the hit was counted on all of them.
    Admitted,
    /// The quota at `quota` was full. `retry_after` is when the window of its first full rate ends.
    Refused {
        /// Index into the quotas that were asked for: the first full one, in their order. On a
        /// cluster the first of the first slot that refused.
        quota: usize,
        /// Time until the refusing window ends.
        retry_after: Duration,
    },
}

/// Atomic verbs over keys that expire. An entry's expiry is judged by the injected `Clock`; the
/// store's own time only frees space. Lifetimes and periods count in whole milliseconds.
pub trait Ephemeral: Debug + Send + Sync {
    /// The live values of `keys`, in their order.
    fn get<'a>(&'a self, keys: &'a [&'a str]) -> Answer<'a, Vec<Option<Bytes>>>;

    /// Set `key`, whatever it held.
    fn put<'a>(&'a self, key: &'a str, value: &'a [u8], ttl: Duration) -> Answer<'a, ()>;

    /// Set `key` only if it holds nothing live. `true` if this call set it.
    fn put_new<'a>(&'a self, key: &'a str, value: &'a [u8], ttl: Duration) -> Answer<'a, bool>;

    /// Set `key` unless it holds a live value of an equal or higher `version`. `true` if this call set it.
    /// A value set by another verb counts as version 0.
    fn put_newer<'a>(
        &'a self,
        key: &'a str,
        version: u64,
        value: &'a [u8],
        ttl: Duration,
    ) -> Answer<'a, bool>;

    /// Remove `key` and return what it held: of several takers one gets the value.
    fn take<'a>(&'a self, key: &'a str) -> Answer<'a, Option<Bytes>>;

    /// Set `keys`, whatever they hold, to nothing: to the empty value, of `version`, so that until
    /// `ttl` is over `put_newer` sets only what is newer than that. Some of them may be set
    /// before others. Give at most a few thousand at a time: all of them have one deadline.
    fn outdate<'a>(&'a self, keys: &'a [&'a str], version: u64, ttl: Duration) -> Answer<'a, ()>;

    /// Count one hit on every quota, or on none if one of them is full.
    fn hit<'a>(&'a self, quotas: &'a [Quota]) -> Answer<'a, Admission>;

    /// Count one hit on every quota and set `key` whatever it held, or do nothing of this if one of
    /// them is full. On a cluster `key` is set after the last slot has admitted the hit; should that
    /// fail, the hit stays counted.
    fn hit_and_put<'a>(
        &'a self,
        quotas: &'a [Quota],
        key: &'a str,
        value: &'a [u8],
        ttl: Duration,
    ) -> Answer<'a, Admission>;

    /// Whether the store answers at all.
    fn ping(&self) -> Answer<'_, ()>;
}

impl Quota {
    /// "At most `limit` hits on `key` in any window of `period`."
    #[must_use]
    pub fn new(key: impl Into<String>, limit: u32, period: Duration) -> Self {
        Self {
            key: key.into(),
            rates: vec![Rate { limit, period }],
        }
    }
}

/// A value that is set with a hit.
#[derive(Clone, Copy)]
struct Put<'a> {
    key: &'a str,
    value: &'a [u8],
    ttl: Duration,
}

/// Longer lifetimes are cut to this, so that no deadline overflows on the way to a store.
const LONGEST: Duration = Duration::from_hours(24 * 366 * 100);

/// Whole milliseconds of `lifetime`.
fn millis(lifetime: Duration) -> i64 {
    i64::try_from(lifetime.min(LONGEST).as_millis()).unwrap_or(i64::MAX)
}

/// The first millisecond since the Unix epoch at which something set at `now` is no longer live.
fn deadline(now: DateTime<Utc>, lifetime: Duration) -> i64 {
    now.timestamp_millis().saturating_add(millis(lifetime))
}
