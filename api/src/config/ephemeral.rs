//! Section `[ephemeral]`: where instances share short-lived state.

use std::time::Duration;

use serde::Deserialize;

use crate::platform::{Secret, ephemeral::RedisSettings};

/// Which store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Store {
    /// This process's memory: for one instance, and gone when it stops.
    #[default]
    InProcess,
    /// One Redis, or what speaks like it.
    Redis,
    /// A Redis cluster.
    RedisCluster,
}

/// Where instances share short-lived state.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ephemeral {
    /// Which store.
    pub kind: Store,
    /// `redis://` or `rediss://`, with credentials: one server, or some nodes of a cluster.
    pub urls: Vec<Secret>,
    /// Before every key. No braces.
    pub prefix: String,
    /// Milliseconds to wait for a connection.
    pub connect_timeout_ms: u64,
    /// Milliseconds to wait for an answer, a new connection included. A request may wait for two before
    /// the breaker opens, and answers within two seconds all the same (R7).
    pub response_timeout_ms: u64,
    /// Requests that wait for Redis at once, as many as are let in at a time; one more fails at once.
    pub in_flight: usize,
}

impl Default for Ephemeral {
    fn default() -> Self {
        Self {
            kind: Store::InProcess,
            urls: Vec::new(),
            prefix: "tongxing:".into(),
            connect_timeout_ms: 500,
            response_timeout_ms: 750,
            in_flight: 8_192,
        }
    }
}

impl Ephemeral {
    /// How to reach Redis. `None` for the store in this process.
    #[must_use]
    pub fn redis(&self) -> Option<RedisSettings> {
        if self.kind == Store::InProcess {
            return None;
        }
        let urls = self.urls.iter().map(|url| url.reveal().to_owned());
        Some(RedisSettings {
            urls: urls.collect(),
            cluster: self.kind == Store::RedisCluster,
            prefix: self.prefix.clone(),
            connect_timeout: Duration::from_millis(self.connect_timeout_ms),
            response_timeout: Duration::from_millis(self.response_timeout_ms),
            in_flight: self.in_flight,
        })
    }
}
