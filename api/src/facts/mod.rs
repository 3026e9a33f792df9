//! What is known about people from elsewhere than their own reports: tests, contacts, cases, risk
//! areas, arrivals, isolation, and what other regions push.
//!
//! A fact has no effect before it was recorded, and is never changed: a newer one takes its place, or
//! its source withdraws it. Once it has had its effect and its time is over, it is forgotten. Whoever
//! records one marks the person in [`crate::recheck`], in the same transaction. What a fact does to a
//! colour is for the policy to say, and nothing here does (S25).

mod areas;
mod correcting;
mod counting;
pub mod dossier;
mod entering;
mod error;
mod forgetting;
pub mod import;
mod jobs;
mod marking;
mod own_data;
mod reading;
mod recording;
mod requests;
mod routes;
pub mod rules;
mod sources;
mod store;
mod views;
mod withdrawing;

pub use areas::{NewArea, area, lift_area, record_area};
pub use correcting::take_back;
pub use counting::{negatives, people_tested, people_who_stayed, people_with};
pub use dossier::{Dossier, Fact, RiskStay, Test};
pub use entering::count_against;
pub use error::{Error, explain};
pub use forgetting::{forget_facts, forget_reports, happened_before, sampled_before};
pub use jobs::MarkStayed;
pub use own_data::Facts;
pub use reading::{dossier, dossier_with};
pub use recording::{NewFact, NewTest, Recorded, record_fact, record_test};
pub use routes::configure;
pub use rules::{Brings, Finding, SAMPLES_COUNT_FOR, STAFF, Shown, WithdrawalReason, latest_test};
pub use sources::{NewSource, Source, register, revoke, source};
pub use store::forgetting::{old_facts, old_reports};
pub use withdrawing::{By, Withdrawal, fact, fact_called, withdraw};
