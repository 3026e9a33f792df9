//! Places with a door, and the codes on it (V1–V5).
//!
//! A code is an address with 12 random bytes and a tag: printed on a poster, or changing twice a minute on
//! the venue's own screen. The tag is checked before anything is looked up. What a scan is worth is the
//! door's to say: a printed code can be photographed, so whoever scanned it may be anywhere.

mod doors;
mod error;
pub mod rules;
mod store;

pub use doors::{Door, Doors, door, scanned, word_of};
pub use error::Error;
pub use rules::Word;
