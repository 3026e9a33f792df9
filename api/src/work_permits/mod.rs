//! The return to work (W1–W9): who may ask for it, whom for, and what they carry once it is granted.
//!
//! An enterprise of the white list sends a collection form, all of it or none. Each worker is a case of
//! `review`, which follows the workflow of the enterprise's province: what stages there are is data, and
//! the few that this feature plays a part in it knows by their names (see [`stages`]). A worker is nobody
//! here by the enterprise's word: the case is opened once somebody is verified with the document.
//!
//! A permit is a record and its place in a status list. How it stands follows from the days it has, the
//! white list and the worker's colour at the moment that somebody asks; no column says it.

mod answering;
mod batches;
mod counting;
mod error;
mod following;
mod form;
mod jobs;
mod objecting;
mod opening;
mod own_data;
mod permits;
mod printing;
mod publishing;
mod reading;
mod records;
mod returnees;
mod reviewing;
mod routes;
pub mod rules;
mod ruling;
mod sealed;
pub mod stages;
mod store;
mod submitting;
mod upkeep;
mod views;
mod white_list;

pub use error::Error;
pub use following::WorkFollows;
pub use form::{Unreadable, read_form};
pub use jobs::{ForgetOver, LookAfterWorkers, MakeRulings, SendBatches};
pub use own_data::Workers;
pub use permits::{WorkFace, permit_shown};
pub use records::WorkRecords;
pub use reviewing::WorkReviews;
pub use routes::configure;
pub use store::forgetting::old_workers;
