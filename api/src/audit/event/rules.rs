//! What is recorded of the policy.

use chrono::{DateTime, Utc};
use entity::values::RuleState;
use serde::Serialize;

/// What happened to the policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", content = "detail", rename_all = "snake_case")]
pub enum RuleEvent {
    /// A version of a rule came to stand elsewhere.
    RuleMoved {
        /// Which, as `contact.close@1.0.0`.
        rule: String,
        /// Where it stands now.
        to: RuleState,
    },
    /// A rule was tried on everybody.
    RuleSimulated {
        /// Which.
        rule: String,
        /// On how many people.
        people: u64,
        /// How many would come to show another colour.
        would_change: u64,
    },
    /// Somebody approved a rule.
    RuleApproved {
        /// Which.
        rule: String,
        /// How many did so far.
        approvals: usize,
    },
    /// The date of a rule was set.
    RuleScheduled {
        /// Which.
        rule: String,
        /// When it comes into force.
        starts_at: DateTime<Utc>,
    },
    /// Somebody asked that a rule end, or decided it as the second.
    RuleEnds {
        /// Which.
        rule: String,
        /// When.
        ends_at: DateTime<Utc>,
        /// Whether it is decided.
        decided: bool,
    },
    /// A rule was taken back, because what happened was not what was predicted.
    RuleRolledBack {
        /// Which.
        rule: String,
        /// How many colours it had changed.
        changed: u64,
        /// The fewest that were predicted.
        low: u64,
        /// The most.
        high: u64,
    },
}
