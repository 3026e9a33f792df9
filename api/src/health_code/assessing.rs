//! Use case: compare a person's facts, open and release holds, publish the outcome.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    assessment, hold,
    values::{Colour, DeclarationId, HoldId, PersonId},
};
use metrics::gauge;
use sea_orm::DatabaseTransaction;

use super::{
    error::Error,
    rules::{self, Change, Facts, NewHold},
    snapshot::{self, Snapshot, Written},
    store,
};
use crate::{
    audit::{self, Actor, Event},
    deps::Deps,
    identity,
    notifications::{self, Message},
    platform::db::begin_write,
    recheck::{self, Mark},
};

/// When to try again to share an outcome that the short-lived store did not take.
const STORE_REST: TimeDelta = TimeDelta::seconds(2);

/// People assessed in one go.
const BATCH: u64 = 200;

/// Assess everybody whose colour needs another look. Returns how many were.
///
/// A mark is removed only once its outcome is published, so an instance that dies in between costs
/// a repetition and nothing else. Nobody waits for somebody whose record cannot be assessed, nor for
/// the short-lived store.
pub async fn assess_due(deps: &Deps) -> anyhow::Result<u64> {
    let mut assessed = 0;
    let mut away = None;
    for mark in recheck::claim(&deps.db, deps.clock.now(), BATCH).await? {
        match assess_marked(deps, mark, &mut away).await {
            Ok(()) => (),
            Err(error) if error.is_outage() => return Err(error.into()),
            // The mark stays, and is due again when its claim runs out.
            Err(error) => tracing::error!(
                person = %mark.person,
                error = &error as &dyn std::error::Error,
                "the colour of {} cannot be decided", mark.person
            ),
        }
        assessed += 1;
    }
    gauge!("recheck_backlog").set(waiting(recheck::backlog(&deps.db).await?));
    match away {
        None => Ok(assessed),
        Some(error) => Err(error.context(format!("{assessed} people were looked at"))),
    }
}

/// The failure of the short-lived store, which need not be waited for again.
type Away = Option<anyhow::Error>;

async fn assess_marked(deps: &Deps, mark: Mark, away: &mut Away) -> Result<(), Error> {
    let snapshot = assess(deps, mark.person).await?;
    publish(deps, mark, &snapshot::write(&snapshot)?, away).await
}

/// Share `written` and finish `mark`. While the short-lived store is away the mark stays, so that the
/// store hears of the outcome soon after it is back.
async fn publish(deps: &Deps, mark: Mark, written: &Written, away: &mut Away) -> Result<(), Error> {
    let number = mark.person.number();
    if away.is_none() {
        match snapshot::share(deps, number, written).await {
            Ok(()) => recheck::finish(&deps.db, mark).await?,
            Err(error) => *away = Some(error),
        }
    }
    if away.is_some() {
        recheck::give_back(&deps.db, mark, deps.clock.now() + STORE_REST).await?;
    }
    deps.codes.forget(number);
    deps.outbox.wake();
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a gauge needs no exact number")]
fn waiting(marks: u64) -> f64 {
    marks as f64
}

/// Ask for another look at everybody whose outcome time alone has changed. Returns how many.
pub(super) async fn mark_due(deps: &Deps) -> anyhow::Result<u64> {
    let now = deps.clock.now();
    let due = store::due(&deps.db, now, recheck::marked(), BATCH).await?;
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
    let before = snapshot::load(&tx, deps, person, None).await?.facts;
    let previous = store::assessment(&tx, person).await?;
    let shown = shown_before(&tx, deps, person, previous.as_ref()).await?;
    for change in rules::compare(&before, numbers, now) {
        apply(&tx, deps, person, change, now).await?;
    }
    let mut after = snapshot::load(&tx, deps, person, None).await?;
    let compared = compared(&after.facts, previous.as_ref(), now);
    after.facts.compared = compared.is_some();

    let version = previous.as_ref().map_or(1, |previous| previous.version + 1);
    let masked_name = identity::masked_name_of(&tx, deps, person).await?;
    let outcome = snapshot::assemble(after, masked_name, version, &deps.policy, now);
    let row = assessment::Model {
        person_id: person,
        version,
        declaration_id: compared,
        assessed_at: now,
        next_change_at: outcome.good_until,
    };
    store::save_assessment(&tx, row).await?;
    if shown != outcome.colour {
        note_change(&tx, deps, person, shown, &outcome).await?;
    }
    tx.commit().await?;
    Ok(outcome)
}

/// The declaration that was compared last: the newest one, unless the region is not open and it has
/// to wait.
fn compared(
    facts: &Facts,
    previous: Option<&assessment::Model>,
    now: DateTime<Utc>,
) -> Option<DeclarationId> {
    let newest = facts.declaration.map(|declared| declared.id);
    if facts.opened.is_open(now) {
        newest
    } else {
        store::compared(previous)
    }
}

/// The colour that the last assessment found, from what was on record then. So each change on record
/// begins where the one before it ended.
async fn shown_before(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
    previous: Option<&assessment::Model>,
) -> Result<Colour, Error> {
    let Some(assessed_at) = previous.map(|previous| previous.assessed_at) else {
        return Ok(Colour::Grey);
    };
    let facts = snapshot::load(tx, deps, person, Some(assessed_at))
        .await?
        .facts;
    Ok(rules::decide(&facts, snapshot::numbers(&deps.policy), assessed_at).colour)
}

/// Record that `person` shows another colour than `from`, and tell them (N1).
async fn note_change(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
    from: Colour,
    outcome: &Snapshot,
) -> Result<(), Error> {
    let to = outcome.colour;
    let event = Event::ColourChanged { from, to };
    audit::record(tx, deps, Actor::System, person, &event).await?;
    let message = Message::CodeChanged {
        assessment: outcome.version,
        colour: to,
        reason: outcome.reasons.first().map(|worst| worst.code),
        at: outcome.decided_at,
    };
    notifications::tell(tx, deps, person, &message).await?;
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
