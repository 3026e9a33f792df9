//! Colours that several people decide on (S24): a request, two approvals, an end.
//!
//! No one turns a code by hand alone. A member of staff asks, for fifty people at the most, each by
//! evidence that is on record about that same person. Nothing follows before two others approved it, one
//! of them of another unit, and nobody of them there by what the other did. Then a fact about each person
//! is recorded, and the policy's rules make of it what they say: no column anywhere is set, and reasons,
//! history and replays are those of any other fact. A worse colour has an end, and one person may take it
//! back before. What is not approved within a day ends undone.

mod deciding;
mod error;
mod evidence;
mod jobs;
mod own_data;
mod parties;
mod reading;
mod requesting;
mod routes;
pub mod rules;
mod store;
mod views;

pub use error::Error;
pub use jobs::{ForgetOver, LetLapse};
pub use own_data::Named;
pub use parties::had_a_hand_in;
pub use routes::configure;
pub use store::forgetting::old_requests;
