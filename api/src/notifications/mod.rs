//! Telling people (N1, N2): an outbox, templates as data, and a relay that sends.
//!
//! What a person is told is written in the transaction of what it tells of, sealed under their data
//! key, so nothing is told that did not happen and nothing that happened is left untold. It is sent at
//! least once, in order for each person, but for reminders, which nothing else waits for. The page that a
//! copy opens says which notification it is, where its template has one; an SMS says so to the gateway
//! alone. Who may be written to is asked of [`crate::subscriptions`]; what a platform
//! shows is checked when its template is saved.

mod delivering;
mod error;
mod jobs;
mod message;
mod own_data;
mod reading;
mod routes;
pub mod rules;
mod sending;
mod store;
mod telling;
pub mod templates;
mod upkeep;
pub mod words;

pub use delivering::LEASE;
pub use error::Error;
pub use jobs::{DeliverDue, ForgetOld, Measure};
pub use message::{Decision, Message, Reference, ReferenceError};
pub use own_data::Told;
pub use routes::configure;
pub use telling::{delivery_reported, tell, withdraw};
pub use upkeep::{dead, retry};

use sea_orm::sea_query::SelectStatement;

/// The people who were told what has the key `key`, for a query to leave out.
#[must_use]
pub fn told(key: &str) -> SelectStatement {
    store::outbox::told(key)
}
