//! Use case: say that one has left.

use chrono::TimeDelta;
use entity::values::{PersonId, VenueId};

use super::{error::Error, store};
use crate::{
    deps::Deps,
    identity::{Citizen, acting_for},
    platform::clock::local_date,
};

/// How long after they came people may say that they left.
const SAID_WITHIN: TimeDelta = TimeDelta::hours(24);

/// `citizen` and those with them left `venue` now. Whose visit ended before keeps its end.
pub(super) async fn leave(
    deps: &Deps,
    citizen: &Citizen,
    venue: VenueId,
    companions: &[PersonId],
) -> Result<(), Error> {
    let now = deps.clock.now();
    let since = now - SAID_WITHIN;
    let mut people = vec![citizen.person];
    for companion in companions {
        people.push(acting_for(deps, citizen, *companion).await?.person);
    }
    let days = local_date(since)..=local_date(now);
    for person in people {
        if !store::leave(&deps.db, days.clone(), venue, person, since, now).await? {
            return Err(Error::NotFound);
        }
    }
    Ok(())
}
