//! Use case: a citizen scans the code on a door (V6). One of the two busiest paths of the product.
//!
//! Who asks, which venue it is and what everybody shows are known to this process as a rule; the one
//! thing that is waited for is the commit.

use chrono::{DateTime, Utc};
use entity::values::{PersonId, VisitWay};

use super::{
    arrival::{Arrival, Visitor, register},
    error::Error,
    views::{VenueAtDoor, VisitView, VisitorView},
};
use crate::{
    deps::Deps,
    health_code::{LiveColour, live_colour},
    http::problem::Language,
    identity::{Citizen, acting_for},
    venues,
};

/// Write down that `citizen` and those with them came to the venue whose code says `code`.
pub(super) async fn scan(
    deps: &Deps,
    citizen: &Citizen,
    code: &str,
    companions: &[PersonId],
    language: Language,
) -> Result<VisitView, Error> {
    let now = deps.clock.now();
    let (door, assurance) = venues::scanned(deps, code, now).await?;
    let mut people = Vec::with_capacity(1 + companions.len());
    people.push((citizen.person, shown_by(deps, citizen.person, now).await?));
    for companion in companions {
        let subject = acting_for(deps, citizen, *companion).await?;
        let again = people.iter().any(|(person, _)| *person == subject.person);
        if !again {
            people.push((subject.person, shown_by(deps, subject.person, now).await?));
        }
    }
    let arrivals = people.iter().map(|(person, live)| {
        let with_somebody = *person != citizen.person;
        Arrival {
            door: door.clone(),
            visitor: Visitor::Person(*person),
            at: now,
            colour: live.colour,
            assurance,
            way: if with_somebody {
                VisitWay::Companion
            } else {
                VisitWay::Scan
            },
            by: with_somebody.then_some(citizen.person.0),
        }
    });
    let registered = register(deps, arrivals.collect()).await?;
    let mut visitors = people
        .into_iter()
        .zip(registered)
        .map(|((person, live), visit)| VisitorView::new(person, live, visit, language));
    Ok(VisitView {
        visitor: visitors.next().ok_or(Error::NotFound)?,
        companions: visitors.collect(),
        venue: VenueAtDoor::of(&door),
        assurance,
        word: venues::word_of(deps, door.venue, now),
    })
}

async fn shown_by(deps: &Deps, person: PersonId, now: DateTime<Utc>) -> Result<LiveColour, Error> {
    live_colour(deps, person, now).await?.ok_or(Error::NotFound)
}
