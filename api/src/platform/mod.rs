//! What every feature stands on and none of them owns: time, randomness, storage.

pub mod cache;
pub mod clock;
pub mod db;
pub mod digest;
pub mod entropy;
pub mod ephemeral;
pub mod headed_csv;
pub mod lifecycle;
pub mod one_time;
pub mod secret;
pub mod telemetry;
pub mod vault;

pub use clock::{Clock, SystemClock};
pub use entropy::{Entropy, OsEntropy};
pub use ephemeral::Ephemeral;
pub use one_time::OneTime;
pub use secret::Secret;
pub use vault::Vault;
