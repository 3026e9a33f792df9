//! Section `[service_level]`: what a process takes on before it leaves things out.

use serde::{Deserialize, Serialize};

/// What a process takes on before it leaves things out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceLevel {
    /// Requests of a process at a time: beyond it they are refused at once, and what can wait long
    /// before it (R8, R9).
    pub in_flight: usize,
}

impl Default for ServiceLevel {
    fn default() -> Self {
        Self { in_flight: 8_192 }
    }
}
