//! Section `[policy]`: the numbers that decide colours, until policy is data of its own.

use serde::{Deserialize, Serialize};

/// The numbers that decide colours, and the version they are published under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Version of the policy (semver), named in every reason.
    pub version: String,
    /// Local days that a declaration or check-in keeps a code from going stale, its own day included.
    pub record_days: u16,
    /// Days of observation after arrival from outside the province (H7).
    pub observation_days: u16,
    /// The province that this service decides for: the first two digits of its divisions.
    pub province: String,
    /// Of a thousand people, how many colours a rule may change with two approvals. Beyond it takes a
    /// third.
    pub third_approval_per_mille: u16,
}

impl Policy {
    /// The province as a division code.
    #[must_use]
    pub fn region(&self) -> String {
        format!("{}0000", self.province)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            version: "1.0.0".into(),
            record_days: 14,
            observation_days: 14,
            province: "31".into(),
            third_approval_per_mille: 10,
        }
    }
}
