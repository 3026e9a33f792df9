//! What is known about people from elsewhere than their own reports: tests, contacts, cases, risk
//! areas, arrivals, isolation, and what other regions push.
//!
//! A fact has no effect before it was recorded, is never changed and never deleted: a newer one takes
//! its place, or its source withdraws it. Whoever records one marks the person in
//! [`crate::recheck`], in the same transaction. What a fact does to a colour is for the policy to say,
//! and nothing here does (S25).

pub mod dossier;
mod error;
pub mod import;
mod reading;
mod recording;
pub mod rules;
mod store;

pub use dossier::{Dossier, Fact, RiskStay, Test};
pub use error::{Error, explain};
pub use reading::dossier;
pub use recording::{NewFact, NewTest, Recorded, record_fact, record_test};
pub use rules::{Finding, Shown, latest_test};
