//! Use case: the clocks of cases do what they are due to do.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    review_case::Model,
    values::{CaseAction, CaseOutcome, CaseTimer},
};
use metrics::{counter, gauge};
use sea_orm::DatabaseTransaction;

use super::{
    breaches,
    error::Error,
    handler::{By, Permit},
    moving::{Going, go, handler_of},
    reckoning::reckon,
    rules::{Consequence, Stage, Target, Workflow, decides_at},
    store, workflows,
};
use crate::{
    audit::{self, Actor, Event},
    deps::Deps,
    http::problem::{Fault, UNAVAILABLE},
    identity,
    platform::db::begin_write,
    regions,
};

/// Cases looked at in one run.
const BATCH: u64 = 100;

/// What cannot be done now is tried again after this, and the others go first.
const PUT_OFF: TimeDelta = TimeDelta::minutes(1);

/// Do what the clocks of some cases are due to do, each in a transaction of its own. Returns how many did
/// something.
///
/// Whoever else does the same at the same time does others, and a run that is dropped anywhere has done
/// what it committed and nothing else: each clock does each thing once.
pub(super) async fn run_due(deps: &Deps) -> Result<u64, Error> {
    let now = deps.clock.now();
    let due = store::due_cases(now, BATCH);
    let due = store::all(&deps.db, due).await?;
    if due.is_empty() {
        gauge!("review_cases_due").set(0.0);
        return Ok(0);
    }
    let done = each_alone(deps, &due, Duty::Due(now)).await?;
    measure(deps, now).await?;
    deps.outbox.wake();
    Ok(done)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a gauge of a backlog needs no more than 52 bits"
)]
async fn measure(deps: &Deps, now: DateTime<Utc>) -> Result<(), Error> {
    gauge!("review_cases_due").set(store::count_due(&deps.db, now).await? as f64);
    Ok(())
}

/// What a sweep does to a case.
#[derive(Debug, Clone, Copy)]
pub(super) enum Duty {
    /// What its clock is due to do by then.
    Due(DateTime<Utc>),
    /// Work its limit out again, if that was done by a calendar before this version.
    Older(i64),
}

impl Duty {
    /// `true` if something was done; `false` if somebody else did it before.
    async fn fulfil(
        self,
        tx: &DatabaseTransaction,
        deps: &Deps,
        case: &Model,
    ) -> Result<bool, Error> {
        match self {
            Self::Due(now) if case.timer_at.is_some_and(|at| at <= now) => {
                tick(tx, deps, case).await
            }
            Self::Older(version) if case.calendar_version.is_some_and(|its| its < version) => {
                let stage = workflows::stage_of(tx, deps, case).await?;
                reckon(tx, deps, case, &stage).await
            }
            Self::Due(_) | Self::Older(_) => Ok(false),
        }
    }
}

/// Do `duty` to each of `cases` in a transaction of its own, that begins by locking the person and goes
/// through if the work says `true`. Begins anywhere among them, so that two who do the same meet less.
/// Returns how many were done.
///
/// A case that somebody else is busy with is passed over. One that fails is put off, so that it holds up
/// nobody; if nothing can be done because the database is away, that is the outcome.
pub(super) async fn each_alone(deps: &Deps, cases: &[Model], duty: Duty) -> Result<u64, Error> {
    let count = u32::try_from(cases.len()).unwrap_or(u32::MAX);
    let first = usize::try_from(deps.entropy.below(count)).unwrap_or(0);
    let in_turn = cases.iter().cycle().skip(first).take(cases.len());
    let (mut done, mut away) = (0, None);
    for case in in_turn {
        match alone(deps, case, duty).await {
            Ok(true) => done += 1,
            Ok(false) => (),
            Err(error) if error.kind() == UNAVAILABLE => away = Some(error),
            Err(error) => put_off(deps, case, &error).await?,
        }
    }
    match away {
        Some(error) if done == 0 => Err(error),
        _ => Ok(done),
    }
}

async fn alone(deps: &Deps, seen: &Model, duty: Duty) -> Result<bool, Error> {
    let tx = begin_write(&deps.db).await?;
    if !identity::try_lock(&tx, seen.person_id).await? {
        return Ok(false);
    }
    let Some(case) = store::find(&tx, seen.id).await? else {
        return Ok(false);
    };
    if case.turn != seen.turn || !duty.fulfil(&tx, deps, &case).await? {
        return Ok(false);
    }
    tx.commit().await?;
    Ok(true)
}

/// Let a case that is due and failed wait, and say so.
async fn put_off(deps: &Deps, case: &Model, error: &Error) -> Result<(), Error> {
    report(case, error);
    let now = deps.clock.now();
    if case.timer_at.is_some_and(|at| at <= now) {
        let after = Model {
            timer_at: Some(now + PUT_OFF),
            ..case.clone()
        };
        store::set_clock(&deps.db, case, &after).await?;
    }
    Ok(())
}

fn report(case: &Model, error: &Error) {
    let error: &(dyn std::error::Error + 'static) = error;
    tracing::error!(case = %case.id.0, error, "the clock of a case could not go on");
    counter!("review_clock_failures_total").increment(1);
}

async fn tick(tx: &DatabaseTransaction, deps: &Deps, case: &Model) -> Result<bool, Error> {
    let workflow = workflows::workflow_of(tx, deps, case).await?;
    let stage = workflow.stage(&case.stage);
    let stage = stage.ok_or_else(|| Error::NoSuchStage(case.stage.clone()))?;
    if is_out_of_date(tx, case).await? {
        return reckon(tx, deps, case, stage).await;
    }
    match case.timer {
        None => Ok(false),
        Some(CaseTimer::Remind) => remind(tx, deps, case, stage).await,
        Some(CaseTimer::Limit) => reach_limit(tx, deps, case, &workflow, stage).await,
        Some(CaseTimer::Decide) => decide(tx, deps, case, &workflow, stage).await,
    }
}

/// A year that was announced meanwhile may have moved the limit: that comes first.
async fn is_out_of_date(tx: &DatabaseTransaction, case: &Model) -> Result<bool, Error> {
    let Some(version) = case.calendar_version else {
        return Ok(false);
    };
    Ok(version < regions::calendar_version(tx).await?)
}

async fn remind(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: &Model,
    stage: &Stage,
) -> Result<bool, Error> {
    let event = Event::CaseReminded {
        case: case.id,
        stage: case.stage.clone(),
    };
    audit::record(tx, deps, Actor::System, case.person_id, &event).await?;
    counter!("review_reminders_total").increment(1);
    let mut after = case.clone();
    match stage.clock.as_ref().map(|clock| &clock.when_out) {
        Some(Consequence::Remind(minutes)) if is_out(case) => {
            after.timer_at = Some(deps.clock.now() + TimeDelta::minutes((*minutes).into()));
        }
        _ => {
            after.timer = Some(CaseTimer::Limit);
            after.timer_at = case.due_at;
        }
    }
    Ok(store::set_clock(tx, case, &after).await?)
}

/// Whether the limit was reached, and what the clock does came after.
fn is_out(case: &Model) -> bool {
    case.due_at <= case.timer_at
}

async fn reach_limit(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: &Model,
    workflow: &Workflow,
    stage: &Stage,
) -> Result<bool, Error> {
    let (Some(rule), Some(due_at)) = (&stage.clock, case.due_at) else {
        return Ok(false);
    };
    let late_since = breaches::book_if_late(tx, deps, case, stage).await?;
    let (timer, timer_at) = match &rule.when_out {
        Consequence::Escalate(to) => {
            let to = Target::Stage(to.clone());
            return moved(tx, deps, case, workflow, stage, CaseAction::Escalate, &to).await;
        }
        Consequence::Decide { at, .. } => {
            (CaseTimer::Decide, decides_at(at, case.opened_at, due_at))
        }
        Consequence::Remind(minutes) => {
            let again = deps.clock.now() + TimeDelta::minutes((*minutes).into());
            (CaseTimer::Remind, again)
        }
    };
    let after = Model {
        timer: Some(timer),
        timer_at: Some(timer_at),
        calendar_version: None,
        late_since: case.late_since.or(late_since),
        ..case.clone()
    };
    Ok(store::set_clock(tx, case, &after).await?)
}

async fn decide(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: &Model,
    workflow: &Workflow,
    stage: &Stage,
) -> Result<bool, Error> {
    let consequence = stage.clock.as_ref().map(|clock| &clock.when_out);
    let Some(Consequence::Decide {
        outcome, otherwise, ..
    }) = consequence
    else {
        return Ok(false);
    };
    let permit = match outcome {
        CaseOutcome::ByClock => {
            let handler = handler_of(deps, case)?;
            let action = CaseAction::Decide;
            handler.permits(tx, deps, case, action, By::Clock).await?
        }
        _ => Permit::Yes,
    };
    let (action, to) = match (permit, otherwise) {
        (Permit::Yes, _) => (CaseAction::Decide, Target::Outcome(*outcome)),
        (Permit::No(_), Some(to)) => (CaseAction::Escalate, Target::Stage(to.clone())),
        (Permit::No(problem), None) => return Err(Error::NotPermitted(problem)),
    };
    moved(tx, deps, case, workflow, stage, action, &to).await
}

async fn moved(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: &Model,
    workflow: &Workflow,
    stage: &Stage,
    action: CaseAction,
    to: &Target,
) -> Result<bool, Error> {
    let going = Going {
        case,
        workflow,
        stage,
        by: By::Clock,
        action,
        to,
        reason: None,
        text: None,
    };
    go(tx, deps, &going).await.map(|_| true)
}
