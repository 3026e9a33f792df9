//! Who was where: scans, entries by hand, what devices at doors record (V6–V8).
//!
//! A visit is acknowledged once it is committed, and whoever arrives at the same moment shares the
//! commit. It says how sure it is; what only a printed code vouches for can inform somebody and never
//! count against them, because [`Presence`] cannot be made of it. Days are kept for three weeks and go
//! as a whole, with a signed receipt.

mod arrival;
mod by_hand;
mod days;
mod error;
mod express;
mod guests;
mod ingest;
mod jobs;
mod leaving;
mod look_ups;
mod own_data;
mod presence;
mod records;
mod routes;
mod rules;
mod scanning;
mod staff_routes;
mod store;
mod tables;
mod unit_routes;
mod upkeep;
mod views;

pub use arrival::{Arrival, GuestWords, Registered, Visitor, register, register_in};
pub use days::DayError;
pub use error::Error;
pub use express::Express;
pub use ingest::{Ingest, Pace, WRITERS};
pub use jobs::{CountVisits, DeleteDays, ForgetLookUps, MakeDays};
pub use own_data::Visits;
pub use presence::{Hint, Overlaps, Presence, Voucher, overlaps};
pub use routes::configure;
