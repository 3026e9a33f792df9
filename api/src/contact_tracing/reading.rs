//! Use cases: read what was released, and see what was released of oneself.

use entity::{
    tracing_release,
    tracing_request::Model,
    values::{PersonId, TracingId, TracingState},
};
use uuid::Uuid;

use super::{
    error::Error,
    rules, store,
    views::{ReleasedToView, ReleasedView},
};
use crate::{
    audit::{self, Actor, DoorEvent, Event},
    deps::Deps,
    http::page::Page,
    identity,
    platform::db::begin_write,
    staff::{self, Staff},
    venues,
};

/// What `staff` may read of: a request that was released, and not too long ago.
pub(super) async fn released(deps: &Deps, staff: &Staff, id: TracingId) -> Result<Model, Error> {
    let row = store::find(&deps.db, &staff.scope.regions(), id).await?;
    let row = row.ok_or(Error::NotFound)?;
    let now = deps.clock.now();
    let readable = row
        .decided_at
        .is_some_and(|decided| now < decided + rules::READ_FOR);
    if row.state == TracingState::Released && readable {
        Ok(row)
    } else {
        Err(Error::NotReleased)
    }
}

/// Those whom `id` released, with their names and numbers. Of each it is put on record that they were
/// read (S29).
pub(super) async fn people(
    deps: &Deps,
    staff: &Staff,
    id: TracingId,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Page<ReleasedView>, Error> {
    let row = released(deps, staff, id).await?;
    let tx = begin_write(&deps.db).await?;
    let rows = store::present(&tx, row.id, after, limit + 1).await?;
    let page = Page::cut(rows, limit, |row: &tracing_release::Model| {
        row.person_id.to_string()
    });
    let mut items = Vec::with_capacity(page.items.len());
    for release in page.items {
        let event = Event::Door(DoorEvent::TracingRead { tracing: id });
        let actor = Actor::Staff(staff.account);
        audit::record(&tx, deps, actor, release.person_id, &event).await?;
        let known = identity::identified(&tx, deps, release.person_id).await?;
        let reach = identity::reach_of(&tx, deps, release.person_id).await?;
        items.push(ReleasedView::new(&release, known, reach.phone));
    }
    tx.commit().await?;
    Ok(Page {
        items,
        next: page.next,
    })
}

/// To whom visits of `person` were released, the newest first, a hundred at the most.
pub(super) async fn of_person(deps: &Deps, person: PersonId) -> Result<Vec<ReleasedToView>, Error> {
    let rows = store::of_person(&deps.db, person).await?;
    let accounts = rows.iter().map(|(_, request)| request.requested_by);
    let units = staff::units_of(&deps.db, accounts.collect()).await?;
    let mut views = Vec::with_capacity(rows.len());
    for (release, request) in rows {
        let door = venues::door(deps, request.venue_id).await?;
        let venue = door.map(|door| door.name.to_string()).unwrap_or_default();
        let unit = units.get(&request.requested_by).cloned();
        views.push(ReleasedToView::new(&release, &request, venue, unit));
    }
    Ok(views)
}
