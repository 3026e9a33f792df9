//! Queries.

pub(super) mod agents;
pub(super) mod sessions;
pub(super) mod units;
