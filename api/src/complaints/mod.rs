//! Complaints about how applications were handled (P9).
//!
//! Whoever applied, or acts for them, complains about the handling of one case: they were put off, turned
//! away, asked for what no rule asks for. A complaint is a case of its own with a clock of its own. It
//! goes to the level above the highest unit that the application came before, so that nobody answers a
//! complaint about themselves, and who did anything about the application does not decide on it.

mod error;
mod filing;
mod handler;
mod jobs;
mod own_data;
mod routes;
pub mod rules;
mod store;
mod views;

pub use error::Error;
pub use handler::Complaints;
pub use jobs::ForgetAnswered;
pub use own_data::Complained;
pub use routes::configure;
