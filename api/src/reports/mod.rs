//! How well promises are kept: what was filed, decided, late, refused and complained of, by county,
//! city, province and local day (P11).
//!
//! The numbers come from cases, their steps and their breaches when they are asked for; nothing is kept
//! beside them. Whoever asks sees their own area and what lies below it. Numbers that would tell of a few
//! people are withheld, with those that they could be worked out from: [`rules::withhold`].

mod counting;
mod error;
mod making;
mod routes;
pub mod rules;
mod store;
pub mod views;

pub use counting::tally;
pub use error::Error;
pub use routes::configure;
