//! Use case: have everybody looked at who stayed where a level begins, is lifted or ends.
//!
//! The row of the area is the job. Whoever claims it marks the next people, and says how far it got in
//! the same transaction; if it dies, another goes on from there.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    risk_area::{ActiveModel, Model},
    values::{Division, PersonId},
};
use sea_orm::ActiveValue::Set;

use super::{error::Error, store};
use crate::{
    declarations,
    deps::Deps,
    platform::{clock::local_date, db::begin_write},
    recheck,
};

/// People marked in one go.
const BATCH: u64 = 200;

/// How long one step of a round may take before another instance takes it too.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// Mark the next people who stayed in an area that is due. Returns how much was done.
pub(super) async fn mark_stayed(deps: &Deps) -> Result<u64, Error> {
    let now = deps.clock.now();
    let Some(area) = store::areas::due(&deps.db, now).await? else {
        return Ok(0);
    };
    let Some(step) = claim(deps, &area, now).await? else {
        return Ok(0);
    };
    let after = area.marked_division.clone().zip(area.marked_person);
    let people = declarations::stayed_within(
        &deps.db,
        &area.division,
        local_date(area.starts_at),
        ended_at(&area).map(local_date),
        after.as_ref(),
        BATCH,
    )
    .await?;
    let marked = u64::try_from(people.len()).unwrap_or(BATCH);

    // In one order everywhere: two rounds may meet at people who stayed in both places.
    let each: BTreeSet<PersonId> = people.iter().map(|(_, person)| *person).collect();
    let tx = begin_write(&deps.db).await?;
    for person in each {
        recheck::mark(&tx, person, now).await?;
    }
    let to = match people.into_iter().last() {
        Some(last) if marked == BATCH => go_on(last, now),
        _ => finish(&area, step.began_at),
    };
    let area = (area.id, step.until);
    store::areas::move_on(&tx, area.0, area.1, Some(step.began_at), to).await?;
    tx.commit().await?;
    deps.recheck.wake();
    // A round over an empty place is something done, too: others may be due.
    Ok(marked + 1)
}

/// A claimed step of a round.
struct Step {
    /// When the round began.
    began_at: DateTime<Utc>,
    /// Until then it is claimed.
    until: DateTime<Utc>,
}

async fn claim(deps: &Deps, area: &Model, now: DateTime<Utc>) -> Result<Option<Step>, Error> {
    let Some(due_at) = area.due_at else {
        return Ok(None);
    };
    let step = Step {
        began_at: area.round_at.unwrap_or(now),
        until: now + LEASE,
    };
    let to = ActiveModel {
        due_at: Set(Some(step.until)),
        round_at: Set(Some(step.began_at)),
        ..Default::default()
    };
    let claimed = store::areas::move_on(&deps.db, area.id, due_at, area.round_at, to).await?;
    Ok(claimed.then_some(step))
}

/// Everybody up to `last` is marked: go on from there at once.
fn go_on(last: (Division, PersonId), now: DateTime<Utc>) -> ActiveModel {
    ActiveModel {
        due_at: Set(Some(now)),
        marked_division: Set(Some(last.0)),
        marked_person: Set(Some(last.1)),
        ..Default::default()
    }
}

/// Everybody is marked. The next round begins when the level ends by itself, if that is ahead of this
/// one.
fn finish(area: &Model, began_at: DateTime<Utc>) -> ActiveModel {
    let next = area
        .ends_at
        .filter(|at| area.lifted_at.is_none() && *at > began_at);
    ActiveModel {
        due_at: Set(next),
        round_at: Set(None),
        marked_division: Set(None),
        marked_person: Set(None),
        ..Default::default()
    }
}

fn ended_at(area: &Model) -> Option<DateTime<Utc>> {
    [area.lifted_at, area.ends_at].into_iter().flatten().min()
}
