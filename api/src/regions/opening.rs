//! Use cases: decide when a region opens, and tell what applies somewhere.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    region_opening::Model,
    values::{Division, OpeningId},
};
use sea_orm::ConnectionTrait;

use super::{
    divisions::{self, Standing},
    error::Error,
    rules::{AccessPlan, Opening, Service, Window},
    store,
};
use crate::{
    config::{Regions, Undecided},
    deps::Deps,
    platform::db::begin_write,
};

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
/// Refused if the division is not in force, if it would close before it opens, or if the plan cannot
/// be shown.
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
    tx.commit().await?;
    Ok(())
}

fn check(opening: &Opening) -> Result<(), Error> {
    if divisions::standing(&opening.division) != Standing::Current {
        return Err(Error::NoSuchDivision(opening.division.code().to_owned()));
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
