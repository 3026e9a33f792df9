//! Use cases: ask who was at a venue, and see what was asked.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use entity::{
    tracing_request::Model,
    values::{TracingId, TracingState},
};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::{
    error::Error,
    rules, store,
    views::{TracingRequestBody, TracingView},
};
use crate::{
    audit::{self, Actor, Event, Subject},
    deps::Deps,
    http::{
        idempotency::{self, Answer, IdempotencyKey, Outcome},
        page::{self, Page},
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
        let event = Event::TracingRequested {
            tracing: row.id,
            venue: row.venue_id,
        };
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

/// Where a page of requests begins: before this instant, and among those of one instant before this id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place(DateTime<Utc>, Uuid);

/// Not what a page gave as `next`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoPlace;

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (at, id) = text.split_once('_').ok_or(NoPlace)?;
        let at = at.parse().ok().and_then(DateTime::from_timestamp_micros);
        let at = at.and_then(page::instant).ok_or(NoPlace)?;
        Ok(Self(at, id.parse().map_err(|_| NoPlace)?))
    }
}

/// What was asked of venues within the scope of `staff`, the newest first, after `after`.
pub(super) async fn list(
    deps: &Deps,
    staff: &Staff,
    after: Option<Place>,
    limit: u64,
) -> Result<Page<TracingView>, Error> {
    let after = after.map(|Place(at, id)| (at, id));
    let rows = store::newest(&deps.db, &staff.scope.regions(), after, limit + 1).await?;
    let page = Page::cut(rows, limit, |row: &Model| {
        format!("{}_{}", row.requested_at.timestamp_micros(), row.id)
    });
    Ok(page.map(TracingView::from))
}
