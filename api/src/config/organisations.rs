//! Section `[organisations]`: which units may log in, and how often anybody may try.

use serde::{Deserialize, Serialize};

use super::Limit;

/// Which units may log in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Organisations {
    /// Where units are registered that may: what their division codes begin with, two to six digits each.
    /// Empty stands for the province of the policy. Units that the central government registered may too.
    pub registered_in: Vec<String>,
    /// Log-ins that may be begun, and ended, from one address.
    pub per_address: Limit,
}

impl Default for Organisations {
    fn default() -> Self {
        Self {
            registered_in: Vec::new(),
            per_address: Limit::new(300, 3600),
        }
    }
}
