//! Use cases.

pub(super) mod accounts;
pub(super) mod acting;
pub(super) mod codes;
pub(super) mod dependants;
pub(super) mod liveness;
pub(super) mod login;
pub(super) mod many;
pub(super) mod newcomer;
mod owner;
pub(super) mod profile;
pub(super) mod reach;
pub(super) mod real_name;
pub(super) mod refresh;
pub(super) mod sessions;
pub(super) mod window;
