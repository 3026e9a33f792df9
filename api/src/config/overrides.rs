//! Section `[overrides]`: colours that several people decide on.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// Colours that several people decide on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Overrides {
    /// Days that such a decision makes a colour worse, at the most: 1 to 14.
    pub longest_days: u16,
    /// Requests of one member of staff that wait for approvals at a time, at the most: 1 to 50.
    pub open_requests: u16,
}

impl Overrides {
    /// For how long such a decision makes a colour worse, at the most.
    #[must_use]
    pub fn longest(&self) -> TimeDelta {
        TimeDelta::days(self.longest_days.into())
    }
}

impl Default for Overrides {
    fn default() -> Self {
        Self {
            longest_days: 7,
            open_requests: 5,
        }
    }
}
