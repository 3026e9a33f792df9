//! A span of time in which something is offered.

use chrono::{DateTime, Utc};

/// When something is offered: from a time on, the time itself included, and until another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Since when; none if no time is set.
    pub from: Option<DateTime<Utc>>,
    /// Until when; none if no end is set.
    pub until: Option<DateTime<Utc>>,
}

impl Window {
    /// Offered always.
    pub const ALWAYS: Self = Self {
        from: Some(DateTime::<Utc>::MIN_UTC),
        until: None,
    };

    /// Offered at no known time.
    pub const NEVER: Self = Self {
        from: None,
        until: None,
    };

    /// Whether it is offered at `now`.
    #[must_use]
    pub fn is_open(self, now: DateTime<Utc>) -> bool {
        self.from.is_some_and(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }
}
