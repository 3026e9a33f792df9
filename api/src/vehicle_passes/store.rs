//! Applications, who is aboard, and passes as rows.

pub(super) mod aboard;
pub(super) mod applications;
pub(super) mod authorisations;
pub(super) mod counting;
pub(super) mod passes;
