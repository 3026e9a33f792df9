//! The colour of a code: derived from facts and holds, explained, shown, and verified.
//!
//! No column says a colour. Whatever may alter one marks the person in [`crate::recheck`]; the
//! assessment drains the marks, opens and releases holds, and publishes a snapshot of what the
//! person shows. Showing a known code asks no database.

mod assessing;
mod error;
mod express;
mod forgetting;
mod jobs;
mod routes;
pub mod rules;
mod showing;
mod snapshot;
mod store;
mod verifying;
mod views;

pub use assessing::assess_due;
pub use error::Error;
pub use express::Express;
pub use jobs::{AssessMarked, MarkDue};
pub use routes::configure;
pub use showing::CodeCache;
