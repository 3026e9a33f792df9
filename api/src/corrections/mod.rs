//! What people say is wrong in what is recorded about them (GB/T 38963 §6.8, PIPL art. 46).
//!
//! A correction is filed by the person or who acts for them, about a record that somebody else
//! brought: a fact or a test. Reviewers of the region where the person lives decide within two working
//! days. Upheld, the record is taken back in the transaction of the decision and the colour is looked
//! at again; nobody sets a colour. What belongs to a region only that region takes back.

mod deciding;
mod error;
mod filing;
mod jobs;
mod own_data;
mod records;
mod routes;
pub mod rules;
mod staff_routes;
mod store;
mod views;

pub use error::Error;
pub use jobs::{ForgetDecided, Measure};
pub use own_data::Corrections;
pub use routes::configure;
