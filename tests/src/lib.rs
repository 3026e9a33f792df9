//! Harness.

pub mod clock;
pub mod entropy;

pub use clock::ManualClock;
pub use entropy::SeededEntropy;
