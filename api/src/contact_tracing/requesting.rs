//! Use cases: ask who was at a venue, and see what was asked.

use entity::{
    tracing_request::Model,
    values::{TracingId, TracingState},
};
use sea_orm::DatabaseTransaction;

use super::{
    error::Error,
    rules, store,
    views::{TracingRequestBody, TracingView},
};
use crate::{
    audit::{self, Actor, DoorEvent, Event, Subject},
    deps::Deps,
    http::{
        idempotency::{self, Answer, IdempotencyKey, Outcome},
        page::{Page, Place},
    },
    staff::Staff,
    venues,
};

/// Ask who was at a venue within the scope of `staff`.
pub(super) async fn ask(
    deps: &Deps,
    staff: &Staff,
    key: &IdempotencyKey,
    asked: TracingRequestBody,
) -> Result<Answer, Error> {
    let now = deps.clock.now();
    rules::askable((asked.from, asked.until), now, now - deps.visiting.kept())
        .map_err(Error::Time)?;
    let door = venues::door(deps, asked.venue).await?;
    let door = door.filter(|door| staff.scope.covers(&door.division));
    let division = door.ok_or(Error::NotFound)?.division.clone();
    let effect = async |tx: &DatabaseTransaction| {
        let row = Model {
            id: TracingId(deps.entropy.id()),
            venue_id: asked.venue,
            division,
            from_at: asked.from,
            until_at: asked.until,
            case_number: asked.case_number.clone(),
            requested_by: staff.account,
            requested_at: now,
            state: TracingState::Requested,
            decided_by: None,
            decided_at: None,
            guests: 0,
        };
        store::insert(tx, row.clone()).await?;
        let event = Event::Door(DoorEvent::TracingRequested {
            tracing: row.id,
            venue: row.venue_id,
        });
        audit::record(
            tx,
            deps,
            Actor::Staff(staff.account),
            Subject::Nobody,
            &event,
        )
        .await?;
        Ok((Outcome::Created, TracingView::from(row)))
    };
    let caller = staff.account.0.as_bytes();
    idempotency::once(deps, caller, "request-tracing", key, &asked, effect).await
}

/// What was asked of venues within the scope of `staff`, the newest first, after `after`.
pub(super) async fn list(
    deps: &Deps,
    staff: &Staff,
    after: Option<Place>,
    limit: u64,
) -> Result<Page<TracingView>, Error> {
    let rows = store::newest(&deps.db, &staff.scope.regions(), after, limit + 1).await?;
    let page = Page::cut(rows, limit, |row: &Model| {
        let (at, id) = (row.requested_at, row.id.0);
        Place { at, id }.to_string()
    });
    Ok(page.map(TracingView::from))
}
