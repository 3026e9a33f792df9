//! Files that people and units send: scans of documents, photographs.
//!
//! What a file is, is told by what is in it. Pictures are decoded and written anew, so that nothing is left
//! of what was hidden in them; documents are parsed and written anew, and refused if they would do anything
//! but show pages. What is kept is sealed under a key of its own before it leaves the process, and the key
//! lies sealed in the database: without its row nobody can read an object.
//!
//! An upload that no record holds is deleted after a day.

mod cleaning;
mod error;
mod jobs;
mod keeping;
mod own_data;
mod receiving;
mod routes;
mod store;
mod views;

pub use cleaning::{Flaw, LARGEST, MOST_PAGES, MOST_PIXELS};
pub use error::Error;
pub use jobs::DeleteUnheld;
pub use keeping::{Owner, Stored, hold, let_go, let_go_of, read};
pub use own_data::Files;
pub use receiving::Workshop;
pub use routes::{configure, served};
