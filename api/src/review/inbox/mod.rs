//! Whose cases are whose: what waits for a member of staff, who took it on, who stands in for whom, and
//! how far an applicant's case got.
//!
//! A case is shown to who decides it now and to reviewers of the areas around it, and answers everybody
//! else as a missing one. It is decided by who holds the role of its stage in an area around it, or by
//! whoever stands in for them for a time, which its step says. Whoever took a case on keeps others from
//! deciding it: for two hours at the most, until its limit nears, and while they could decide it themselves.

mod claiming;
mod deciding;
mod delegating;
mod desks;
mod error;
mod listing;
mod progress;
mod reading;
mod requests;
mod routes;
pub mod rules;
mod store;
mod views;
mod words;

pub use error::Error;
pub use listing::{broken_statement, statement};
pub use routes::configure;
