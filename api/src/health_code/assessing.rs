//! Use case: compare a person's facts, open and release holds, publish the outcome.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    assessment, hold,
    values::{HoldId, PersonId},
};
use metrics::gauge;
use sea_orm::DatabaseTransaction;

use super::{
    error::Error,
    rules::{self, Change, Facts, NewHold},
    snapshot::{self, Snapshot},
    store,
};
use crate::{
    audit::{self, Actor, Event},
    deps::Deps,
    identity,
    platform::db::begin_write,
    recheck,
};

/// People assessed in one go.
const BATCH: u64 = 200;

/// Assess everybody whose colour needs another look. Returns how many were.
///
/// A mark is removed only once its outcome is published, so an instance that dies in between costs
/// a repetition and nothing else.
pub async fn assess_due(deps: &Deps) -> anyhow::Result<u64> {
    let mut assessed = 0;
    for mark in recheck::claim(&deps.db, deps.clock.now(), BATCH).await? {
        let number = mark.person.number();
        let snapshot = assess(deps, mark.person).await?;
        snapshot::share(deps, number, &snapshot).await?;
        deps.codes.forget(number);
        recheck::finish(&deps.db, mark).await?;
        assessed += 1;
    }
    gauge!("recheck_backlog").set(waiting(recheck::backlog(&deps.db).await?));
    Ok(assessed)
}

#[expect(clippy::cast_precision_loss, reason = "a gauge needs no exact number")]
fn waiting(marks: u64) -> f64 {
    marks as f64
}

/// Ask for another look at everybody whose outcome time alone has changed. Returns how many.
pub(super) async fn mark_due(deps: &Deps) -> anyhow::Result<u64> {
    let now = deps.clock.now();
    let due = store::due(&deps.db, now, BATCH).await?;
    let mut marked = 0;
    for person in due {
        marked += u64::from(recheck::mark_unless_marked(&deps.db, person, now).await?);
    }
    if marked > 0 {
        deps.recheck.wake();
    }
    Ok(marked)
}

/// Assess `person` in one transaction.
async fn assess(deps: &Deps, person: PersonId) -> Result<Snapshot, Error> {
    let now = deps.clock.now();
    let tx = begin_write(&deps.db).await?;
    identity::lock(&tx, person).await?;

    let numbers = snapshot::numbers(&deps.policy);
    let before = snapshot::load_facts(&tx, person, numbers).await?;
    let previous = store::assessment(&tx, person).await?;
    for change in rules::compare(&before, numbers, now) {
        apply(&tx, deps, person, change, now).await?;
    }
    let mut after = snapshot::load_facts(&tx, person, numbers).await?;
    after.compared |= after.declaration.is_some();

    let version = previous.as_ref().map_or(1, |previous| previous.version + 1);
    let masked_name = identity::masked_name_of(&tx, deps, person).await?;
    let outcome = snapshot::assemble(&after, masked_name, version, &deps.policy, now);
    let row = assessment::Model {
        person_id: person,
        version,
        declaration_id: after.declaration.map(|declared| declared.id),
        assessed_at: now,
        next_change_at: outcome.good_until,
    };
    store::save_assessment(&tx, row).await?;
    note_change(&tx, deps, person, &before, previous.as_ref(), &outcome).await?;
    tx.commit().await?;
    Ok(outcome)
}

/// Put a change of colour on record. What was shown before is judged at the moment before time
/// alone changed it, so that a code which went stale is on record as having been green.
async fn note_change(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
    before: &Facts,
    previous: Option<&assessment::Model>,
    outcome: &Snapshot,
) -> Result<(), Error> {
    let changed_by_time = previous
        .and_then(|previous| previous.next_change_at)
        .filter(|change| *change <= outcome.decided_at)
        .map(|change| change - TimeDelta::milliseconds(1));
    let shown_at = changed_by_time.unwrap_or(outcome.decided_at);
    let from = rules::decide(before, snapshot::numbers(&deps.policy), shown_at).colour;
    if from != outcome.colour {
        let event = Event::ColourChanged {
            from,
            to: outcome.colour,
        };
        audit::record(tx, deps, Actor::System, person, &event).await?;
    }
    Ok(())
}

async fn apply(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
    change: Change,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let event = match change {
        Change::Open(new) => open(tx, deps, person, new, now).await?,
        Change::Release { hold, by } => {
            store::release_hold(tx, person, hold, &by, now).await?;
            Event::HoldReleased { hold, by }
        }
    };
    audit::record(tx, deps, Actor::System, person, &event).await?;
    Ok(())
}

async fn open(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
    new: NewHold,
    now: DateTime<Utc>,
) -> Result<Event, Error> {
    let hold = HoldId(deps.entropy.id());
    let row = hold::Model {
        id: hold,
        person_id: person,
        reason: new.reason,
        rule: new.rule.into(),
        rule_version: deps.policy.version.clone(),
        evidence: new.evidence.clone(),
        source_region: deps.policy.region(),
        starts_at: now,
        earliest_release_at: new.earliest_release_at,
        released_at: None,
        released_by: None,
    };
    store::open_hold(tx, row).await?;
    Ok(Event::HoldOpened {
        hold,
        reason: new.reason,
        rule: format!("{}@{}", new.rule, deps.policy.version),
        evidence: new.evidence,
    })
}
