//! People who were turned away at a door (V9).
//!
//! Whoever stands at the door reports it with one tap, and a device does it by itself. The headquarters of
//! the county or district gets a case with a clock, and says step by step what it did; the person whom it
//! concerns sees that, and the venue sees that it is handled, and nothing of anybody's health.

mod doors;
mod error;
mod handler;
mod jobs;
mod own_data;
mod reporting;
mod routes;
mod store;
mod views;

pub use error::Error;
pub use handler::ControlActions;
pub use jobs::ForgetClosed;
pub use own_data::TurnedAway;
pub use reporting::{Report, Reporter, report};
pub use routes::configure;
