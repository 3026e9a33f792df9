//! Section `[communities]`: when issuers sign in.

use serde::{Deserialize, Serialize};

/// When issuers sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Communities {
    /// The full hour, in Asia/Shanghai, until which somebody has to sign in for each community on a
    /// working day: 1 to 23.
    pub sign_in_by: u8,
}

impl Default for Communities {
    fn default() -> Self {
        Self { sign_in_by: 10 }
    }
}
