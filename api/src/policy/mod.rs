//! Policy as data: which facts make which colour, for how long, and what ends it.

pub mod document;
pub mod language;
mod rule;
mod version;
pub mod vocabulary;

pub use document::{RuleDocument, Wording};
pub use language::{Env, Evaluated, Logic, Progress, Record, Value};
pub use rule::{Condition, Effect, FollowUp, Rule};
pub use version::{Version, VersionError};
pub use vocabulary::About;
