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
    /// Days that it is kept who was asked to act for a unit, with their phone, once they do not any more or never
    /// did. The log keeps that they did.
    pub agents_kept_days: u16,
}

impl Default for Organisations {
    fn default() -> Self {
        Self {
            registered_in: Vec::new(),
            per_address: Limit::new(300, 3600),
            agents_kept_days: 180,
        }
    }
}
