//! Who works here, and what they may do where (L5).
//!
//! One table, [`matrix::MATRIX`], says which roles may call which route. Whoever is not in it may not:
//! a route of staff that the table leaves out answers nobody. What a role may see and touch ends at
//! the region that it was granted for, and another region's object answers as a missing one.

mod actor;
mod error;
mod gate;
pub mod matrix;
mod routes;
mod rules;
mod secret;
mod service;
mod store;

pub use actor::{Scope, Staff};
pub use error::Error;
pub use gate::gate;
pub use routes::configure;
