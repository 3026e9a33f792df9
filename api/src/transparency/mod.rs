//! The log that outsiders can check: every entry of the audit log is a leaf of a Merkle tree, whose checkpoints
//! are signed (S27).
//!
//! A leaf waits beside its entry, written in the same transaction ([`crate::audit`]). A sweep gives those that
//! wait their places, a few seconds later and each once, whoever works: it holds the one row that says how far
//! the tree has grown. What changes or drops a leaf afterwards changes the root, which others have.
//!
//! A leaf is SHA-256 of 32 random bytes and of the entry: the tree says nothing about anybody. People get the
//! bytes of the entries that changed their colour, and the proof that the tree holds them. The tree is served as
//! C2SP tlog-tiles lays it out, so that tools which others wrote read it; witnesses outside sign that it only
//! ever grew.

mod checking;
mod error;
mod jobs;
mod log;
pub mod offline;
mod proving;
mod reading;
mod routes;
mod sequencing;
mod store;
pub mod tree;
mod witnessing;

pub use checking::{Checked, Finding, check};
pub use error::Error;
pub use jobs::{ForgetCheckpoints, GivePlaces};
pub use log::Log;
pub use proving::proof_of;
pub use routes::configure;
pub use sequencing::give_places;
