//! Use cases.

pub(super) mod members;
pub(super) mod sessions;
