//! Queries.

pub(super) mod coverage;
pub(super) mod directory;
pub(super) mod duty;
