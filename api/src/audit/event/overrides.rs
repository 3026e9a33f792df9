//! What is recorded of decisions on colours.

use entity::values::{Division, FactId, OverrideEffect, OverrideGround, OverrideId};
use serde::Serialize;

/// What happened to a request that colours be turned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", content = "detail", rename_all = "snake_case")]
pub enum OverrideEvent {
    /// Somebody asked.
    OverrideRequested {
        /// Which.
        request: OverrideId,
        /// What is asked for.
        effect: OverrideEffect,
        /// Why.
        ground: OverrideGround,
        /// The region that answers for it.
        division: Division,
        /// How many people it names.
        people: usize,
    },
    /// Somebody read whom it names.
    OverrideRead {
        /// Which.
        request: OverrideId,
    },
    /// Somebody else approved it.
    OverrideApproved {
        /// Which.
        request: OverrideId,
        /// How many have.
        approvals: usize,
    },
    /// It took effect for somebody.
    OverrideApplied {
        /// Which.
        request: OverrideId,
        /// The fact that says so.
        fact: FactId,
    },
    /// Somebody refused it.
    OverrideRefused {
        /// Which.
        request: OverrideId,
    },
    /// It was not approved in time.
    OverrideLapsed {
        /// Which.
        request: OverrideId,
    },
    /// It was taken back, before it had an effect or after.
    OverrideWithdrawn {
        /// Which.
        request: OverrideId,
    },
}
