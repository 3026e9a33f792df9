//! Work permits as rows.

pub(super) mod batches;
pub(super) mod enterprises;
pub(super) mod forgetting;
pub(super) mod forms;
pub(super) mod objections;
pub(super) mod permits;
pub(super) mod rulings;
