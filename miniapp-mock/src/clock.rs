//! The mock's own time: a source and an offset.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, FixedOffset, Utc};

/// Where the mock reads the time: Unix milliseconds.
pub type ClockSource = Arc<dyn Fn() -> i64 + Send + Sync>;

const BEIJING_SECONDS: i32 = 8 * 3600;

/// A source of time that can be shifted.
pub(crate) struct MockClock {
    source: ClockSource,
    offset_ms: AtomicI64,
}

impl MockClock {
    pub(crate) fn new(source: Option<ClockSource>) -> Self {
        Self {
            source: source.unwrap_or_else(|| Arc::new(machine_ms)),
            offset_ms: AtomicI64::new(0),
        }
    }

    /// The present, in Unix milliseconds.
    pub(crate) fn now_ms(&self) -> i64 {
        (self.source)().saturating_add(self.offset_ms.load(Ordering::SeqCst))
    }

    pub(crate) fn offset_ms(&self) -> i64 {
        self.offset_ms.load(Ordering::SeqCst)
    }

    pub(crate) fn set_offset_ms(&self, offset: i64) {
        self.offset_ms.store(offset, Ordering::SeqCst);
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.offset_ms.fetch_add(millis(by), Ordering::SeqCst);
    }
}

/// `span` in whole milliseconds, at most `i64::MAX`.
pub(crate) fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// `at_ms` as both clouds and Alipay print it for people: `yyyy-MM-dd HH:mm:ss`, Beijing time.
pub(crate) fn beijing_text(at_ms: i64) -> String {
    let at = DateTime::<Utc>::from_timestamp_millis(at_ms).unwrap_or_default();
    match FixedOffset::east_opt(BEIJING_SECONDS) {
        Some(beijing) => at
            .with_timezone(&beijing)
            .format("%Y-%m-%d %H:%M:%S")
            .to_string(),
        None => at.format("%Y-%m-%d %H:%M:%S").to_string(),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the machine's clock"
)]
fn machine_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, millis)
}
