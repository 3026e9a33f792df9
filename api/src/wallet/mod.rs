//! What somebody carries: pass card, work permit and vehicle passes, each with how it stands (W6).
//!
//! It lies beside the code and not in it: a code is shown without a database, and permits are not.

mod error;
mod routes;
mod views;

pub use error::Error;
pub use routes::configure;
