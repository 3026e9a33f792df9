//! What every route shares: problems, bodies, idempotency, request ids.

pub mod problem;
