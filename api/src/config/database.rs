//! Section `[database]`: where the truth is kept.

use std::time::Duration;

use serde::Deserialize;

use crate::platform::{Secret, db::DatabaseSettings};

/// Where the truth is kept, and how long to wait for it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `sqlite:<path>` or `postgres://<user>:<password>@<host>/<database>`.
    pub url: Secret,
    /// Most connections open at a time.
    pub max_connections: u32,
    /// Connections kept open when there is nothing to do.
    pub min_connections: u32,
    /// Milliseconds to wait for a free connection, and for opening one. Who waits longer is told at once to come
    /// again (R8).
    pub acquire_timeout_ms: u64,
    /// Milliseconds that one statement may run; 0 sets no bound. PostgreSQL only.
    pub statement_timeout_ms: u64,
    /// Milliseconds to wait for another transaction's lock. PostgreSQL only.
    pub lock_timeout_ms: u64,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: "sqlite:data/tongxing.db".into(),
            max_connections: 8,
            min_connections: 1,
            acquire_timeout_ms: 200,
            statement_timeout_ms: 2_000,
            lock_timeout_ms: 1_000,
        }
    }
}

impl Database {
    /// The same as the database module takes it.
    #[must_use]
    pub fn settings(&self) -> DatabaseSettings {
        let statement_timeout = Duration::from_millis(self.statement_timeout_ms);
        DatabaseSettings {
            url: self.url.reveal().to_owned(),
            max_connections: self.max_connections,
            min_connections: self.min_connections,
            acquire_timeout: Duration::from_millis(self.acquire_timeout_ms),
            statement_timeout: (!statement_timeout.is_zero()).then_some(statement_timeout),
            lock_timeout: Duration::from_millis(self.lock_timeout_ms),
            by_index: false,
        }
    }

    pub(super) fn is_sqlite(&self) -> bool {
        self.url.reveal().starts_with("sqlite:")
    }
}
