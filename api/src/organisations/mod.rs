//! Units: who they are, how they log in, and who acts for them (L4).
//!
//! A unit is known from the moment that it logs in with its legal-person certificate or its electronic
//! business licence, by an OpenID Connect provider. From then on its legal person, once verified, acts for
//! it in the mini-program as well, and so do agents whom the unit asked and who accepted. Who acts is
//! looked up on each call, so that whoever is withdrawn is withdrawn on every instance at once.

mod acting;
mod actor;
mod error;
mod rules;
mod store;

pub use acting::capacity_of;
pub use actor::{Capacity, UnitActor};
pub use error::Error;
pub use rules::{Standing, standing};
