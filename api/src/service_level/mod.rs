//! How far the service reduces itself, so that what matters most goes on (R9).
//!
//! A ladder from 0, everything, to 5, where doors help themselves. A process goes up and down by what
//! it sees of itself, slowly down; an order keeps it between two levels. Showing and verifying codes
//! is never left out.

mod error;
mod jobs;
mod ordering;
mod routes;
pub mod rules;
mod store;
mod views;
mod watching;

pub use error::Error;
pub use jobs::Watch;
pub use ordering::{By, free, order, standing};
pub use routes::configure;
pub use rules::Order;
pub use watching::Ladder;
