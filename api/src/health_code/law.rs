//! Which rules decide on somebody.

use chrono::{DateTime, Utc};

use super::{
    error::Error,
    rules::{Facts, Law},
};
use crate::deps::Deps;

/// What decides at `at` on the person of `facts`: the rules in force then, and those that their holds
/// were opened under.
pub(super) async fn at(deps: &Deps, facts: &Facts, at: DateTime<Utc>) -> Result<Law, Error> {
    let _ = (deps, facts, at);
    Ok(Law::default())
}
