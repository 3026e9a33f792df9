//! Queries.

pub(super) mod accounts;
pub(super) mod dependants;
pub(super) mod many;
pub(super) mod people;
pub(super) mod sessions;
pub(super) mod tokens;
