//! Section `[gates]`: what is looked at again at gates, and how much a device delivers.

use serde::{Deserialize, Serialize};

/// What is looked at again at gates, and how much a device delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gates {
    /// Kilometres up to which two gates are one place: whoever is at both within a minute is not looked at
    /// again for that.
    pub near_km: u32,
    /// Kilometres an hour that nobody exceeds from gate to gate. Whoever does is looked at again: somebody
    /// compares them, or their ID card, with their code.
    pub fastest_kmh: u32,
    /// Records that a device delivers in an hour, at the most: those of a weekend without a network, twice.
    /// It is told to come again for the others.
    pub records_per_hour: u32,
}

impl Default for Gates {
    fn default() -> Self {
        Self {
            near_km: 20,
            // Faster than any train.
            fastest_kmh: 400,
            records_per_hour: 200_000,
        }
    }
}
