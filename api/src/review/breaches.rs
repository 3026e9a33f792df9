//! Promises that were not kept: booked once, on who was responsible.

use chrono::{DateTime, Utc};
use entity::{review_breach, review_case::Model, values::CaseTimer};
use metrics::counter;
use sea_orm::DatabaseTransaction;

use super::{
    error::Error,
    moving::Days,
    rules::{Stage, WaitsFor},
    store, workflows,
};
use crate::{
    audit::{self, Actor, CaseEvent, Event},
    deps::Deps,
    identity,
    platform::db::begin_write,
};

/// Entries looked at in one run.
const BATCH: u64 = 100;

/// Book that the limit of `stage` was reached without an opinion, if it was by `now`: once for each stay of
/// `case` there, on the area that is responsible. The time of the limit, where it was reached at a stage
/// that waits for a person.
///
/// An applicant or a machine that is late breaks no promise of the authority's.
pub(super) async fn book_if_late(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: &Model,
    stage: &Stage,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Error> {
    let passed = case.due_at.filter(|due_at| *due_at <= now);
    let Some(due_at) = passed.filter(|_| stage.waits_for == WaitsFor::Person) else {
        return Ok(None);
    };
    let row = review_breach::Model {
        case_id: case.id,
        turn: case.stay,
        stage: case.stage.clone(),
        area: case.area.clone(),
        decider: case.decider,
        due_at,
        booked_at: now,
        clock_since: case.clock_since.filter(|_| case.provisional),
        clock_left: case.clock_left.filter(|_| case.provisional),
        calendar_version: case.calendar_version.filter(|_| case.provisional),
        corrected_at: None,
        corrected_to: None,
    };
    if store::book(tx, row).await? {
        let event = Event::Case(CaseEvent::PromiseBroken {
            case: case.id,
            stage: case.stage.clone(),
            area: case.area.clone(),
            due_at,
        });
        audit::record(tx, deps, Actor::System, case.person_id, &event).await?;
        counter!("review_breaches_total").increment(1);
    }
    Ok(Some(due_at))
}

/// Whether the limit of the stage at which `case` stands is booked as reached.
pub(super) async fn is_booked(tx: &DatabaseTransaction, case: &Model) -> Result<bool, Error> {
    let breach = store::find_breach(tx, case.id, case.stay).await?;
    Ok(breach.is_some_and(|breach| breach.corrected_at.is_none()))
}

/// Look again at what was booked by a calendar before this version, some at a time. Returns how many were
/// looked at.
pub(super) async fn look_again(deps: &Deps, version: i64) -> Result<u64, Error> {
    let mut done = 0;
    for seen in store::older_breaches(&deps.db, version, BATCH).await? {
        match look_at(deps, &seen).await {
            Ok(looked) => done += u64::from(looked),
            Err(error) => {
                let error: &(dyn std::error::Error + 'static) = &error;
                tracing::error!(case = %seen.case_id.0, error, "a broken promise could not be looked at again");
            }
        }
    }
    Ok(done)
}

async fn look_at(deps: &Deps, seen: &review_breach::Model) -> Result<bool, Error> {
    let tx = begin_write(&deps.db).await?;
    let case = store::find(&tx, seen.case_id).await?;
    let case = case.ok_or(Error::NoSuchCase)?;
    if !identity::try_lock(&tx, case.person_id).await? {
        return Ok(false);
    }
    let Some(breach) = store::find_breach(&tx, seen.case_id, seen.turn).await? else {
        return Ok(false);
    };
    if breach.calendar_version != seen.calendar_version {
        return Ok(false);
    }
    reconsider(&tx, deps, &case, &breach).await?;
    tx.commit().await?;
    Ok(true)
}

/// Work the limit of `breach` out by the calendar as it is now. Where the stage was left before that, or it
/// is yet to come, a further entry says that the promise was not broken: nothing is deleted.
async fn reconsider(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: &Model,
    breach: &review_breach::Model,
) -> Result<(), Error> {
    let now = deps.clock.now();
    let workflow = workflows::workflow_of(tx, deps, case).await?;
    let stage = workflow.stage(&breach.stage);
    let rule = stage.and_then(|stage| stage.clock.as_ref());
    let (Some(rule), Some(since), Some(left)) = (rule, breach.clock_since, breach.clock_left)
    else {
        return Ok(store::settle_breach(tx, breach, None, None).await?);
    };
    let days = Days::since(tx, since).await?;
    let working = days.at(deps, &case.division);
    let (due_at, provisional) = rule.limit.end(since, left, working);
    let ended = store::stay_ended(tx, breach).await?;
    if due_at <= ended.unwrap_or(now) {
        let again = provisional.then_some(working.version);
        return Ok(store::settle_breach(tx, breach, again, None).await?);
    }
    store::settle_breach(tx, breach, None, Some((now, due_at))).await?;
    store::set_late(tx, case.id).await?;
    let event = Event::Case(CaseEvent::BreachCorrected {
        case: case.id,
        stage: breach.stage.clone(),
        area: breach.area.clone(),
        due_at: breach.due_at,
        corrected_to: due_at,
    });
    audit::record(tx, deps, Actor::System, case.person_id, &event).await?;
    counter!("review_breaches_corrected_total").increment(1);
    Ok(())
}

/// Whether the workflow was to decide `case` and must not, so that whoever is responsible is reminded of
/// it.
pub(super) async fn is_left_to_people(
    tx: &DatabaseTransaction,
    case: &Model,
) -> Result<bool, Error> {
    Ok(case.timer == Some(CaseTimer::Remind) && is_booked(tx, case).await?)
}
