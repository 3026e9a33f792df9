//! Who was at a venue at the same time, for the health authority (V10).
//!
//! It takes two organisations: somebody of the health authority asks for a case, and somebody of the data
//! centre releases. What is released are stays that overlap in time and that something at the door vouches
//! for; everybody concerned sees it, and is told. A contact is entered of a [`visits::Presence`](crate::visits::Presence)
//! and of nothing else, so a scanned picture makes nobody a contact.

mod error;
mod jobs;
mod own_data;
mod reading;
mod releasing;
mod requesting;
mod routes;
pub mod rules;
mod store;
mod telling;
mod views;

pub use error::Error;
pub use jobs::{ForgetReleases, TellReleased};
pub use own_data::Released;
pub use routes::configure;
