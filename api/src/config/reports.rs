//! Section `[reports]`: what reports tell.

use serde::{Deserialize, Serialize};

/// What reports tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reports {
    /// The fewest people that a number may tell of, 3 at the least. Smaller numbers are withheld, and those
    /// from which they could be worked out.
    pub smallest: u64,
}

impl Default for Reports {
    fn default() -> Self {
        Self { smallest: 5 }
    }
}
