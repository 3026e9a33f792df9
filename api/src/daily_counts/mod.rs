//! Daily public counts: how many people show which colour in each county, and for what it changed (S30).
//!
//! Once turned red without a reason, 1,317 people could only tell each other. So every local day is counted from
//! the history of colours soon after it is over, each day once and for good, also those that were missed while
//! nobody worked. Whoever may read the history and counts it again as of that midnight gets the same numbers.
//!
//! Small numbers are withheld, with those from which they could be worked out ([`publishing`]); what is not small is
//! told of its county, whatever its neighbours count. The document of a day has one form (RFC 8785), is signed by a
//! key for the log, and its digest is an entry of the log: nobody can publish another one later.

mod counting;
mod error;
mod jobs;
pub mod offline;
pub mod publishing;
mod reading;
mod routes;
pub mod rules;
mod store;
mod views;

pub use error::Error;
pub use jobs::CountDays;
pub use routes::configure;
