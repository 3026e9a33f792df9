//! Use cases: whoever was looked up at the door of a venue sees it (V8), for as long as visits are kept.

use entity::values::{LookedUpBy, OrganisationId, PersonId, VenueId};

use super::{by_hand::Known, error::Error, store, views::LookUpView};
use crate::{
    audit::{self, DoorEvent, Event, Subject},
    deps::Deps,
    organisations::UnitActor,
    platform::db::begin_write,
    venues,
};

/// Look-ups that somebody is shown.
const SHOWN: u64 = 100;

/// Look-ups that are forgotten at a time.
const AT_ONCE: u64 = 2_000;

/// Put on record that `unit` asked at `venue` who is `known`, and let whoever was `found` see it.
pub(super) async fn note(
    deps: &Deps,
    unit: &UnitActor,
    venue: VenueId,
    known: &Known,
    found: Option<PersonId>,
) -> Result<(), Error> {
    let organisation = unit.organisation;
    let tx = begin_write(&deps.db).await?;
    let subject = found.map_or(Subject::Nobody, Subject::Person);
    let event = Event::Door(DoorEvent::VisitorLookedUp {
        organisation,
        venue,
    });
    audit::record(&tx, deps, unit.actor(), subject, &event).await?;
    if let (Some(person), Some(by)) = (found, known.looked_up_by()) {
        let row = row(deps, organisation, venue, person, by);
        store::note_look_up(&tx, row).await?;
    }
    tx.commit().await?;
    Ok(())
}

fn row(
    deps: &Deps,
    organisation_id: OrganisationId,
    venue_id: VenueId,
    person_id: PersonId,
    by: LookedUpBy,
) -> entity::visitor_look_up::Model {
    entity::visitor_look_up::Model {
        id: deps.entropy.id(),
        person_id,
        organisation_id,
        venue_id,
        by,
        at: deps.clock.now(),
    }
}

/// Where `person` was looked up, the newest first, a hundred at the most.
pub(super) async fn of_person(deps: &Deps, person: PersonId) -> Result<Vec<LookUpView>, Error> {
    let rows = store::look_ups_of(&deps.db, person, SHOWN).await?;
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let door = venues::door(deps, row.venue_id).await?;
        let name = door.map(|door| door.name.to_string());
        views.push(LookUpView::new(&row, name.unwrap_or_default()));
    }
    Ok(views)
}

/// Forget what is older than visits are kept. Returns how many.
pub(super) async fn forget(deps: &Deps) -> Result<u64, Error> {
    let until = deps.clock.now() - deps.visiting.kept();
    Ok(store::forget_look_ups(&deps.db, until, AT_ONCE).await?)
}
