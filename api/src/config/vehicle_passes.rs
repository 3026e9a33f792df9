//! Section `[vehicle_passes]`: passes for vehicles.

use serde::{Deserialize, Serialize};

/// Passes for vehicles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VehiclePasses {
    /// Days that an application is kept which nobody goes on with.
    pub draft_days: u16,
    /// Days that uploads and phones of an application are kept once it was decided on, and its pass is over.
    pub kept_days: u16,
}

impl Default for VehiclePasses {
    fn default() -> Self {
        Self {
            draft_days: 30,
            kept_days: 90,
        }
    }
}
