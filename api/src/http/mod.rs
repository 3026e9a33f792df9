//! What every route shares: problems, bodies, idempotency, the edge.

pub mod body;
pub mod client;
pub mod idempotency;
pub mod problem;
