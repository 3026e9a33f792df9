//! Acting for oneself and for dependants (L6).

use chrono::{DateTime, Utc};
use entity::values::PersonId;

use super::super::{
    actors::{Citizen, Subject},
    error::Error,
    store::dependants,
};
use crate::deps::Deps;

/// Have `citizen` act for `subject`: themselves or somebody they act for. Anybody else's id is
/// answered like one that does not exist (S12).
pub async fn acting_for(
    deps: &Deps,
    citizen: &Citizen,
    subject: PersonId,
) -> Result<Subject, Error> {
    let acting = citizen.person;
    let now = deps.clock.now();
    if let Some(known) = known_to_act_for(deps, citizen, subject, now) {
        return Ok(known);
    }
    if !dependants::acts_for(&deps.db, acting, subject).await? {
        return Err(Error::NotFound);
    }
    deps.sessions.found_to_act(acting, subject, now);
    Ok(Subject {
        person: subject,
        acting,
    })
}

/// The same where this process knows without asking anybody. `None` says nothing.
#[must_use]
pub fn known_to_act_for(
    deps: &Deps,
    citizen: &Citizen,
    subject: PersonId,
    now: DateTime<Utc>,
) -> Option<Subject> {
    let acting = citizen.person;
    let known = subject == acting || deps.sessions.acts_for(acting, subject, now);
    known.then_some(Subject {
        person: subject,
        acting,
    })
}
