//! Configuration: one typed file plus the environment, one section a file.

mod display;
mod login;
mod policy;

pub use display::Display;
pub use login::{Limit, Login};
pub use policy::Policy;
