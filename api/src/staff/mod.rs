//! Who works here, and what they may do where (L5).
//!
//! One table, [`matrix::MATRIX`], says which roles may call which route. Whoever is not in it may not:
//! a route of staff that the table leaves out answers nobody. What a role may see and touch ends at
//! the region that it was granted for, and another region's object answers as a missing one.

mod actor;
pub mod matrix;

pub use actor::{Scope, Staff};
