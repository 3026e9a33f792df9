//! Use cases.

pub(super) mod accounts;
mod attempts;
mod challenges;
pub(super) mod enrolling;
pub(super) mod first;
pub(super) mod granting;
pub(super) mod holding;
pub(super) mod inviting;
pub(super) mod issuing;
pub(super) mod log_in;
pub(super) mod members;
mod proofs;
pub(super) mod relating;
pub(super) mod sessions;
pub(super) mod stepping_up;

pub(super) use proofs::KeyUsed;
