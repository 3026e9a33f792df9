//! Section `[policy]`: whose policy decides colours. The policy itself is data.

use serde::{Deserialize, Serialize};

/// Whose policy decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
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
            province: "31".into(),
            third_approval_per_mille: 10,
        }
    }
}
