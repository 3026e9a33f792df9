//! One's own data: a copy of everything that is kept about somebody, and the end of their account (H9, P6, P7);
//! and the map of what is kept at all, for what, and for how long (P1).
//!
//! What each table holds is its feature's to copy and to erase: see [`crate::holdings`]. Here it is decided when:
//! both take a log-in of a few minutes ago, a copy is made a few times a day, and nobody leaves while a measure
//! is in force or others rely on what they would take along. Erased, somebody is an id that leads to nobody, and
//! their data key is gone: what was sealed under it opens no more.

mod copying;
mod deleting;
mod error;
pub mod map;
mod routes;
pub mod rules;
mod views;

pub use error::Error;
pub use routes::configure;
