//! What every route shares: problems, bodies, idempotency, the edge.

pub mod bearer;
pub mod binary;
pub mod body;
pub mod client;
pub mod edge;
pub mod fallback;
pub mod health;
pub mod idempotency;
pub mod page;
pub mod problem;
pub mod shedding;
pub mod table;
pub mod verifications;
pub mod written;
