//! Who works here, and what they may do where (L5).
//!
//! One table, [`matrix::MATRIX`], says which roles may call which route. Whoever is not in it may not:
//! a route of staff that the table leaves out answers nobody. What a role may see and touch ends at
//! the region that it was granted for, and another region's object answers as a missing one.
//!
//! Somebody is invited, enrols an app or a key with the secret that they were handed, and logs in
//! with it. What they may be, somebody requests and somebody else approves. Every log-in, refused or
//! not, and every change of what somebody may do is in the audit log.

mod actor;
mod error;
mod gate;
mod jobs;
pub mod matrix;
mod routes;
mod rules;
mod service;
mod store;
mod totp;
mod webauthn;

pub use actor::{Scope, Staff};
pub use error::Error;
pub use gate::gate;
pub use jobs::ForgetSessions;
pub use routes::configure;
pub use rules::{GrantState, TermFault};
pub use service::{
    first::appoint,
    holding::{areas_held_since, posts_ever_held, posts_of},
    inviting::{Invited, Newcomer},
    issuing::{issuers_of_communities, issuers_of_divisions},
    members::{masked_names, units_of},
    relating::are_apart,
};
pub use store::issuers::community_has_issuer;
