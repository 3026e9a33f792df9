//! Short-lived state that instances share: sessions, one-time codes, rate limits, platform tokens.
//!
//! Never the only copy of anything acknowledged (SECURITY §8.3).

use std::{fmt::Debug, time::Duration};

use bytes::Bytes;
use futures_util::future::BoxFuture;

/// The store did not answer, or not in time. Callers decide whether their use fails open or closed.
#[derive(Debug, thiserror::Error)]
#[error("the short-lived store did not answer")]
pub struct Unavailable(#[source] pub anyhow::Error);

/// What a store answers.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, Unavailable>>;

/// "At most `limit` hits on `key` in any window of `period`, windows starting at their first hit."
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// What is counted. Put a `{tag}` where keys must share a cluster slot.
    pub key: String,
    /// Hits admitted in one window.
    pub limit: u32,
    /// Length of a window.
    pub period: Duration,
}

/// Whether a hit was admitted by all of its quotas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Every quota had room; the hit was counted on all of them.
    Admitted,
    /// The quota at `quota` was full. `retry_after` is when its window ends.
    Refused {
        /// Index into the quotas that were asked for.
        quota: usize,
        /// Time until the refusing window ends.
        retry_after: Duration,
    },
}

/// Atomic verbs over keys that expire. An entry's expiry is judged by the injected `Clock`; the
/// store's own time only frees space.
pub trait Ephemeral: Debug + Send + Sync {
    /// The live values of `keys`, in their order.
    fn get<'a>(&'a self, keys: &'a [&'a str]) -> Answer<'a, Vec<Option<Bytes>>>;

    /// Set `key`, whatever it held.
    fn put<'a>(&'a self, key: &'a str, value: &'a [u8], ttl: Duration) -> Answer<'a, ()>;

    /// Set `key` only if it holds nothing live. `true` if this call set it.
    fn put_new<'a>(&'a self, key: &'a str, value: &'a [u8], ttl: Duration) -> Answer<'a, bool>;

    /// Set `key` unless it holds a live value of an equal or higher `version`. `true` if this call set it.
    fn put_newer<'a>(
        &'a self,
        key: &'a str,
        version: u64,
        value: &'a [u8],
        ttl: Duration,
    ) -> Answer<'a, bool>;

    /// Remove `key` and return what it held: of several takers one gets the value.
    fn take<'a>(&'a self, key: &'a str) -> Answer<'a, Option<Bytes>>;

    /// Count one hit on every quota, or on none if one of them is full.
    fn hit<'a>(&'a self, quotas: &'a [Quota]) -> Answer<'a, Admission>;

    /// Whether the store answers at all.
    fn ping(&self) -> Answer<'_, ()>;
}
