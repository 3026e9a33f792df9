//! Configuration: one typed file plus the environment, one section a file.

mod login;
mod policy;

pub use login::{Limit, Login};
pub use policy::Policy;
