//! Policy as data: which facts make which colour, for how long, and what ends it (H4).
//!
//! A rule is a document with an id and a version. Its logic is of a small language that always ends
//! and has no effects, over a fixed list of names; a document that means nothing is never saved. It
//! is written by one person of the province, tried on everybody, approved by two others, published
//! two days before it decides, and rolled back by itself when what happens is not what was
//! predicted. What was in force at any time can be told for ever.

pub mod document;
mod error;
mod in_force;
mod jobs;
mod keyed;
pub mod language;
mod outcome;
mod routes;
mod rule;
pub mod rules;
mod service;
mod shipped;
mod store;
mod version;
mod views;
pub mod vocabulary;

pub use document::{RuleDocument, Wording};
pub use error::Error;
pub use in_force::{Policy, PolicyCache, in_force, version_of};
pub use jobs::TurnRules;
pub use language::{Comparison, Env, Evaluated, Logic, Progress, Question, Record, Value};
pub use outcome::{Watched, awaiting_simulation, observed, simulated, watched};
pub use routes::configure;
pub use rule::{Condition, Effect, FollowUp, Rule};
pub use rules::{Band, Observation, Prediction, Shift};
pub use service::reaches_province;
pub use shipped::install_shipped;
pub use version::{Version, VersionError};
pub use vocabulary::About;
