//! Passes for vehicles (T1–T10): which one may drive over which sections, at which hours, with whom.
//!
//! Types of passes are data. An application is saved as one goes; everybody aboard agrees for themselves;
//! what can be looked up is looked up before a reviewer sees it. It is decided as a case of
//! [`crate::review`], and what is granted there is issued in the same transaction. Whether a pass counts is
//! no column: it follows from what is on record, from the time and from the colours of everybody aboard, so
//! it stops with the first who is not green and comes back when they are. Who that is, is said to nobody on
//! the road.

mod aboard;
mod authorising;
mod caller;
mod checking;
mod drafting;
mod error;
mod following;
mod form;
mod inviting;
mod issuing;
mod jobs;
mod keeping;
mod materials;
mod overseeing;
mod own_data;
mod passes;
mod printing;
mod reading;
mod records;
mod requests;
mod reviewing;
mod riding;
mod routes;
pub mod rules;
mod staff_routes;
mod standing;
mod store;
mod submitting;
mod types;
mod upkeep;
mod views;

pub use error::Error;
pub use following::PassesFollow;
pub use jobs::{AskRegistry, ForgetDrafts, LookAfterPasses, TellAsked};
pub use own_data::Vehicles;
pub use records::PassRecords;
pub use reviewing::VehicleReviews;
pub use routes::configure;
pub use rules::{Cause, Mark, Standing, Verdict};
pub use standing::{Aboard, Asked, Carried, Inspection, carried, inspect};
pub use types::install_types;
