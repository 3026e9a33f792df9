//! What columns share. Every type here is valid once it exists; those that name a person mask
//! themselves in `Debug` and have no `Display`.

mod colour;
mod phone;

pub use colour::Colour;
pub use phone::{Phone, PhoneError};
