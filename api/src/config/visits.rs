//! Section `[visits]`: how visits are written down, and for how long.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// How visits are written down, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Visits {
    /// Whoever comes to a venue again within so many seconds is there still.
    pub window_seconds: u16,
    /// Days that visits are kept: 14 to 30. Then they go, a day at a time, with a signed receipt.
    pub kept_days: u16,
    /// Arrivals that wait to be written down, at the most. Whoever comes after that is told at once to
    /// come again.
    pub queue: usize,
}

impl Default for Visits {
    fn default() -> Self {
        Self {
            window_seconds: 600,
            kept_days: 21,
            queue: 8_192,
        }
    }
}

impl Visits {
    /// How long visits are kept.
    #[must_use]
    pub fn kept(&self) -> TimeDelta {
        TimeDelta::days(self.kept_days.into())
    }

    /// Within what time a visitor is there still.
    #[must_use]
    pub fn window(&self) -> TimeDelta {
        TimeDelta::seconds(self.window_seconds.into())
    }
}
