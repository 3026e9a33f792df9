//! Façade: write down that somebody came.

use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};
use entity::values::{Assurance, Colour, PersonId, VisitWay};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::{error::Error, guests, rules, store, store::Row};
use crate::{deps::Deps, platform::clock::local_date, venues::Door};

/// Who came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visitor {
    /// Somebody whom we know.
    Person(PersonId),
    /// Somebody of whom there are words alone.
    Guest(GuestWords),
}

/// What is written down about a visitor whom we do not know. Never in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct GuestWords {
    /// What they are called.
    pub name: String,
    /// How to reach them, or the number of their document.
    pub contact: String,
}

impl fmt::Debug for GuestWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GuestWords(***)")
    }
}

/// Somebody came to a venue.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Where.
    pub door: Arc<Door>,
    /// Who.
    pub visitor: Visitor,
    /// When.
    pub at: DateTime<Utc>,
    /// What they showed.
    pub colour: Colour,
    /// How sure that is.
    pub assurance: Assurance,
    /// How it came to be written down.
    pub way: VisitWay,
    /// Who wrote it down for them, if somebody did.
    pub by: Option<Uuid>,
}

/// A visit that is on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registered {
    /// Since when the visitor is there.
    pub at: DateTime<Utc>,
    /// Whether they had come already, a moment ago: nothing was added.
    pub repeated: bool,
}

impl Registered {
    fn of(row: &Row, since: DateTime<Utc>) -> Self {
        Self {
            at: since,
            repeated: since != row.at,
        }
    }
}

/// Write `arrivals` down. Returns after the commit, which they share with whatever else arrives now.
///
/// Whoever comes again within the configured window is there still. A full queue answers at once
/// ([`Error::Full`]), and then none of them is written. After any other error some may be: to ask again
/// does no harm.
pub async fn register(deps: &Deps, arrivals: Vec<Arrival>) -> Result<Vec<Registered>, Error> {
    let now = deps.clock.now();
    let mut rows = Vec::with_capacity(arrivals.len());
    for arrival in &arrivals {
        rows.push(row(deps, &deps.db, arrival, now).await?);
    }
    let since = deps.visits.write(&rows).await?;
    let registered = rows.iter().zip(since);
    Ok(registered
        .map(|(row, since)| Registered::of(row, since))
        .collect())
}

/// The same within the transaction `tx` of the caller, for records that come in batches: once in a
/// transaction, as others wait for the venues' counts until it ends.
pub async fn register_in(
    tx: &DatabaseTransaction,
    deps: &Deps,
    arrivals: &[Arrival],
) -> Result<Vec<Registered>, Error> {
    let now = deps.clock.now();
    let mut rows = Vec::with_capacity(arrivals.len());
    for arrival in arrivals {
        deps.visits
            .days()
            .make_beside(tx, local_date(arrival.at))
            .await?;
        rows.push(row(deps, tx, arrival, now).await?);
    }
    let since = store::write_in(tx, &rows, deps.visits.window()).await?;
    let registered = rows.iter().zip(since);
    Ok(registered
        .map(|(row, since)| Registered::of(row, since))
        .collect())
}

async fn row(
    deps: &Deps,
    db: &impl sea_orm::ConnectionTrait,
    arrival: &Arrival,
    now: DateTime<Utc>,
) -> Result<Row, Error> {
    rules::timely(arrival.at, now, deps.visiting.kept())?;
    let day = local_date(arrival.at);
    let subject = match &arrival.visitor {
        Visitor::Person(person) => person.0,
        Visitor::Guest(words) => guests::keep(deps, db, day, words).await?,
    };
    Ok(Row {
        day,
        venue: arrival.door.venue,
        subject,
        at: arrival.at,
        colour: arrival.colour,
        assurance: arrival.assurance,
        way: arrival.way,
        noted_by: arrival.by,
    })
}
