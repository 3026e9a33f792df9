//! What is known about people from elsewhere than their own reports: tests, contacts, cases, risk
//! areas, arrivals, isolation, and what other regions push.
//!
//! A fact has no effect before it was recorded, is never changed and never deleted: a newer one takes
//! its place, or its source withdraws it. Whoever records one marks the person in
//! [`crate::recheck`], in the same transaction.

pub mod dossier;

pub use dossier::{Dossier, Fact, RiskStay, Test};
