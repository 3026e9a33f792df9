//! Units: who they are, how they log in, and who acts for them (L4).
//!
//! A unit is known from the moment that it logs in with its legal-person certificate or its electronic
//! business licence, by an `OpenID` Connect provider. From then on its legal person, once verified, acts for
//! it in the mini-program as well, and so do agents whom the unit asked and who accepted. Who acts is
//! looked up on each call, so that whoever is withdrawn is withdrawn on every instance at once.

mod acting;
mod actor;
mod agents;
mod error;
mod gate;
mod jobs;
mod logging_in;
mod own_data;
mod routes;
mod rules;
mod store;
mod views;

pub use acting::{capacity_of, unit_in_session, who_act_for};
pub use actor::{Capacity, UnitActor};
pub use error::Error;
pub use gate::gate;
pub use jobs::{ForgetAgents, ForgetSessions};
pub use logging_in::standing_of;
pub use own_data::Agencies;
pub use routes::configure;
pub use rules::{Standing, is_legible, standing};
