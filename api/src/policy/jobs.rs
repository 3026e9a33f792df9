//! Sweeps.

use std::time::Duration;

use super::outcome;
use crate::{deps::Deps, jobs::Sweep};

/// Has every rule stand where its time says. What decides colours does not wait for it: which rules
/// are in force follows from their times alone.
pub struct TurnRules;

impl Sweep for TurnRules {
    const NAME: &'static str = "policy.turn_rules";
    const EVERY: Duration = Duration::from_secs(10);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(outcome::turn(deps).await?)
    }
}
