//! Communities and villages: where each handles passes, who is on duty there, and which have nobody
//! (P7, P8).
//!
//! The directory is public: for each county where its communities are, and where people complain.
//! Whoever issues passes for a community signs in each working day; a community for which nobody had
//! when it was time is noted, once, for its county and all above. What was noted stays noted.

mod bringing_in;
mod coverage;
mod directory;
mod duty;
mod error;
mod facade;
mod jobs;
mod noting;
mod routes;
pub mod rules;
mod staff_routes;
mod store;
mod views;

pub use bringing_in::{BroughtIn, bring_in};
pub use directory::publish_line;
pub use error::{CellFlaw, Error, RowFlaw};
pub use facade::{Issuers, complaint_line, find, issuers, serving};
pub use jobs::NoteGaps;
pub use noting::Progress;
pub use routes::configure;
