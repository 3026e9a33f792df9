//! Places with a door, and the codes on it (V1–V5).
//!
//! A code is an address with 12 random bytes and a tag: printed on a poster, or changing twice a minute on
//! the venue's own screen. The tag is checked before anything is looked up. What a scan is worth is the
//! door's to say: a printed code can be photographed, so whoever scanned it may be anywhere.
//!
//! A unit asks for a code, and its district decides as a case of `review`. A venue has one code that
//! counts; each that it had before is known as replaced. What an instance remembers of a venue it forgets
//! after two seconds.

mod applying;
mod doors;
mod error;
mod jobs;
mod keeping;
mod own_data;
mod page;
mod pictures;
mod poster;
mod reading;
mod reviewing;
mod routes;
pub mod rules;
mod staff_routes;
mod store;
mod views;

pub use doors::{Door, Doors, door, scanned, word_of};
pub use error::Error;
pub use jobs::WatchDoors;
pub use own_data::Applied;
pub use page::page;
pub use reviewing::VenueReviews;
pub use routes::configure;
pub use rules::Word;
