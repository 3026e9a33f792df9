//! What every feature stands on and none of them owns: time, randomness, storage.

pub mod clock;
pub mod entropy;
pub mod ephemeral;
pub mod secret;

pub use clock::{Clock, SystemClock};
pub use entropy::{Entropy, OsEntropy};
pub use ephemeral::Ephemeral;
pub use secret::Secret;
