//! Queries.

pub(super) mod accounts;
pub(super) mod communities;
pub(super) mod credentials;
pub(super) mod grants;
pub(super) mod issuers;
pub(super) mod sessions;
