//! Use cases: decide when a region opens, and tell what applies somewhere.

use std::{iter::once, ops::Range, sync::Arc};

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use entity::{
    region_opening::Model,
    values::{Division, OpeningId, Window},
};
use sea_orm::ConnectionTrait;

use super::{
    divisions::{self, Standing},
    error::Error,
    rules::{AccessPlan, Opening, Service},
    store,
};
use crate::{
    audit::{self, Actor, Event, Subject},
    config::{Regions, Undecided},
    deps::Deps,
    platform::{cache::Cache, db::begin_write},
};

/// When a region may open and close. Anything else is a slip of the hand: no end is no `closes_at`.
const YEARS: Range<i32> = 2000..2200;

/// A decision on a region, and when it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What was decided.
    pub opening: Opening,
    /// When.
    pub saved_at: DateTime<Utc>,
}

/// Decide when a region opens and with what, in place of any decision before. Its people are looked
/// at again soon, and whenever what it offers changes.
///
/// Refused if the division is not in force, if it would open or close in an implausible year or close
/// before it opens, or if the plan cannot be shown.
pub async fn decide(deps: &Deps, opening: &Opening) -> Result<(), Error> {
    check(opening)?;
    let tx = begin_write(&deps.db).await?;
    let before = store::newest(&tx, &opening.division).await?;
    // Decisions on one division have an order, whatever the clock does.
    let next = before.map(|before| before.saved_at + TimeDelta::milliseconds(1));
    let now = deps.clock.now();
    let saved_at = next.map_or(now, |next| next.max(now));
    store::supersede(&tx, &opening.division).await?;
    let row = Model {
        id: OpeningId(deps.entropy.id()),
        division: opening.division.clone(),
        opens_at: opening.opens_at,
        closes_at: opening.closes_at,
        plan: serde_json::to_value(&opening.plan)?,
        saved_at,
        due_at: Some(now),
        round_at: None,
        marked_division: None,
        marked_person: None,
    };
    store::insert(&tx, row).await?;
    let event = Event::RegionDecided {
        division: opening.division.clone(),
        opens_at: opening.opens_at,
        closes_at: opening.closes_at,
    };
    audit::record(&tx, deps, Actor::Operator, Subject::Nobody, &event).await?;
    tx.commit().await?;
    Ok(())
}

fn check(opening: &Opening) -> Result<(), Error> {
    if divisions::standing(&opening.division) != Standing::Current {
        return Err(Error::NoSuchDivision(opening.division.code().to_owned()));
    }
    let mut times = once(opening.opens_at).chain(opening.closes_at);
    if !times.all(|at| YEARS.contains(&at.year())) {
        return Err(Error::Implausible);
    }
    if opening.closes_at.is_some_and(|at| at <= opening.opens_at) {
        return Err(Error::Backwards);
    }
    Ok(opening.plan.check()?)
}

/// What was decided on `division`, or on the nearest region around it. With `until`, as it was then.
pub async fn opening_of(
    db: &impl ConnectionTrait,
    division: &Division,
    until: Option<DateTime<Utc>>,
) -> Result<Option<Opening>, Error> {
    let nearest = store::nearest(db, division.chain(), until).await?;
    nearest.map(read).transpose()
}

/// Longest that a process tells of an opening what it was: anybody may ask, as often as they like.
const KNOWN_FOR: TimeDelta = TimeDelta::seconds(5);

/// Divisions whose opening a process knows: all there are.
const MOST_KNOWN: usize = 8_192;

/// What this process knows of openings.
#[derive(Debug)]
pub struct OpeningCache(Cache<Division, Option<Arc<Opening>>>);

impl Default for OpeningCache {
    fn default() -> Self {
        Self(Cache::new(MOST_KNOWN))
    }
}

/// What was decided on `division`, as [`opening_of`] has it, or had some seconds ago. `division` is
/// one that is known.
pub(super) async fn known_opening_of(
    deps: &Deps,
    division: &Division,
) -> Result<Option<Arc<Opening>>, Error> {
    let now = deps.clock.now();
    if let Some(known) = deps.openings.0.get(division, now) {
        return Ok(known);
    }
    let opening = opening_of(&deps.db, division, None).await?.map(Arc::new);
    let good_until = now + KNOWN_FOR;
    deps.openings
        .0
        .insert(division.clone(), opening.clone(), good_until);
    Ok(opening)
}

/// When `service` is offered where `opening` was decided, or where nobody decided.
#[must_use]
pub fn window_of(opening: Option<&Opening>, settings: &Regions, service: Service) -> Window {
    match (opening, settings.default) {
        (Some(opening), _) => opening.window(service),
        (None, Undecided::Open) => Window::ALWAYS,
        (None, Undecided::Closed) => Window::NEVER,
    }
}

/// The decisions that stand, by division.
pub async fn decisions(deps: &Deps) -> Result<Vec<Decision>, Error> {
    let mut rows = store::decisions(&deps.db).await?;
    rows.dedup_by(|later, first| later.division == first.division);
    let read_with_time = |row: Model| {
        let saved_at = row.saved_at;
        read(row).map(|opening| Decision { opening, saved_at })
    };
    rows.into_iter().map(read_with_time).collect()
}

pub(super) fn read(row: Model) -> Result<Opening, Error> {
    let plan: AccessPlan = serde_json::from_value(row.plan)?;
    Ok(Opening {
        division: row.division,
        opens_at: row.opens_at,
        closes_at: row.closes_at,
        plan,
    })
}
