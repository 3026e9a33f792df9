//! What super-apps tell us of their own accord.
//!
//! Only what a platform signed for one of our apps is taken in, each message once however often it is
//! delivered, and only what is on disk is acknowledged: whatever else happens, the platform delivers
//! again. Of what was said, nothing is kept but its effect.

mod error;
mod gate;
mod jobs;
mod routes;
mod rules;
mod service;
mod store;

pub use error::Error;
pub use jobs::ForgetEvents;
pub use routes::configure;
pub use rules::KEPT;
