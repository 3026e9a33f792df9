//! Cases that somebody has to decide (S3): workflows as data, working-time clocks, and promises that are
//! kept or booked as broken.
//!
//! A case is one row, and its clock is part of it: what the clock does next, and when, is a column that a
//! sweep reads, so it survives restarts and clocks that jump. A case moves by typed actions only, each one
//! `UPDATE` that names the step it follows, so of two at once one wins. Every step is a row that never
//! changes. A case keeps the version of the workflow that it began with.
//!
//! What a case is about is another feature's: it opens the case, hands over a [`Handler`], and is told of
//! every move in its transaction. Whoever takes part in one locks the person first and the case second.

mod acting;
mod breaches;
mod contacting;
mod error;
mod handler;
pub mod inbox;
mod installing;
mod jobs;
mod moving;
mod opening;
mod own_data;
mod reckoning;
pub mod rules;
mod store;
mod ticking;
mod workflows;

pub use acting::{Move, act};
pub use contacting::{Contact, record_contact};
pub use error::Error;
pub use handler::{By, Handler, HandlerError, Handlers, Permit};
pub use installing::{install_shipped, save_workflow};
pub use jobs::{ForgetClosed, ReckonAgain, RunClocks};
pub use moving::area_of;
pub use opening::{Course, Opening, case_about, open, open_on};
pub use own_data::Cases;
pub use store::{due_cases, forgetting::old_cases, older_cases};
pub use workflows::{WorkflowCache, stage_of, text_of, workflow_of};
