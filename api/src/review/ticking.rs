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
    moving::{Days, Going, go, handler_of},
    reckoning::{is_out_of_date, reckon},
    rules::{Consequence, Otherwise, Stage, Target, Workflow, decides_at},
    store, workflows,
};
use crate::{
    audit::{self, Actor, CaseEvent, Event},
    deps::Deps,
    identity,
    platform::db::begin_write,
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
                tick(tx, deps, case, now).await
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
/// A case that somebody else is busy with is passed over. One that fails, for whatever reason, is put off,
/// so that it holds up nobody. Where not even that can be done the rest is left for later; if nothing was
/// done before, that is the outcome.
pub(super) async fn each_alone(deps: &Deps, cases: &[Model], duty: Duty) -> Result<u64, Error> {
    let count = u32::try_from(cases.len()).unwrap_or(u32::MAX);
    let first = usize::try_from(deps.entropy.below(count)).unwrap_or(0);
    let in_turn = cases.iter().cycle().skip(first).take(cases.len());
    let mut done = 0;
    for case in in_turn {
        let error = match alone(deps, case, duty).await {
            Ok(true) => {
                done += 1;
                continue;
            }
            Ok(false) => continue,
            Err(error) => error,
        };
        if let Err(away) = put_off(deps, case, &error).await {
            return if done == 0 { Err(away) } else { Ok(done) };
        }
    }
    Ok(done)
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
    if case.timer == Some(CaseTimer::Decide) {
        counter!("review_decisions_failed_total").increment(1);
    }
}

/// Do what is due by `now`, which is the sweep's: a clock that is set back meanwhile loses nothing.
async fn tick(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: &Model,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let workflow = workflows::workflow_of(tx, deps, case).await?;
    let stage = workflow.stage(&case.stage);
    let stage = stage.ok_or_else(|| Error::NoSuchStage(case.stage.clone()))?;
    // A year that was announced meanwhile may have moved the limit: that comes first.
    if is_out_of_date(tx, case).await? {
        return reckon(tx, deps, case, stage).await;
    }
    let ticking = Ticking {
        case,
        now,
        workflow: &workflow,
        stage,
    };
    let is_out = case.due_at.is_some_and(|due_at| due_at <= now);
    match case.timer {
        None => Ok(false),
        Some(CaseTimer::Remind) if !is_out => ticking.remind_of_limit(tx, deps).await,
        Some(CaseTimer::Remind) if breaches::is_booked(tx, case).await? => {
            ticking.remind_again(tx, deps).await
        }
        // A reminder that came too late is none: the limit is what counts.
        Some(CaseTimer::Remind | CaseTimer::Limit) => ticking.reach_limit(tx, deps).await,
        Some(CaseTimer::Decide) => ticking.decide(tx, deps).await,
    }
}

/// A case whose clock does something.
struct Ticking<'a> {
    case: &'a Model,
    now: DateTime<Utc>,
    workflow: &'a Workflow,
    stage: &'a Stage,
}

impl Ticking<'_> {
    /// The limit nears.
    async fn remind_of_limit(&self, tx: &DatabaseTransaction, deps: &Deps) -> Result<bool, Error> {
        self.remind(tx, deps).await?;
        let after = Model {
            timer: Some(CaseTimer::Limit),
            timer_at: self.case.due_at,
            ..self.case.clone()
        };
        Ok(store::set_clock(tx, self.case, &after).await?)
    }

    /// The limit was reached, and nothing else happens than that whoever decides hears of it.
    async fn remind_again(&self, tx: &DatabaseTransaction, deps: &Deps) -> Result<bool, Error> {
        match self.consequence() {
            Some(Consequence::Remind(minutes)) => {
                self.remind(tx, deps).await?;
                let after = self.reminded_in(*minutes);
                Ok(store::set_clock(tx, self.case, &after).await?)
            }
            Some(Consequence::Decide { .. }) => self.decide(tx, deps).await,
            Some(Consequence::Escalate(_)) | None => Ok(false),
        }
    }

    fn consequence(&self) -> Option<&Consequence> {
        self.stage.clock.as_ref().map(|clock| &clock.when_out)
    }

    async fn remind(&self, tx: &DatabaseTransaction, deps: &Deps) -> Result<(), Error> {
        let event = Event::Case(CaseEvent::CaseReminded {
            case: self.case.id,
            stage: self.case.stage.clone(),
        });
        audit::record(tx, deps, Actor::System, self.case.person_id, &event).await?;
        counter!("review_reminders_total").increment(1);
        Ok(())
    }

    /// The case with a reminder so many minutes from now.
    fn reminded_in(&self, minutes: u32) -> Model {
        Model {
            timer: Some(CaseTimer::Remind),
            timer_at: Some(self.now + TimeDelta::minutes(minutes.into())),
            ..self.case.clone()
        }
    }

    async fn reach_limit(&self, tx: &DatabaseTransaction, deps: &Deps) -> Result<bool, Error> {
        let case = self.case;
        let (Some(consequence), Some(due_at)) = (self.consequence(), case.due_at) else {
            return Ok(false);
        };
        let late_since = breaches::book_if_late(tx, deps, case, self.stage, self.now).await?;
        let out = match consequence {
            Consequence::Escalate(to) => {
                let to = Target::Stage(to.clone());
                return self.moved(tx, deps, CaseAction::Escalate, &to).await;
            }
            Consequence::Decide { at, .. } => {
                let certain = self.reached_for_certain(tx, deps, due_at).await?;
                Model {
                    timer: Some(CaseTimer::Decide),
                    timer_at: Some(decides_at(at, case.opened_at, certain, case.clock_left)),
                    ..case.clone()
                }
            }
            Consequence::Remind(minutes) => self.reminded_in(*minutes),
        };
        let after = Model {
            // A limit that may still move is worked out again.
            calendar_version: case.calendar_version.filter(|_| case.provisional),
            late_since: case.late_since.or(late_since),
            ..out
        };
        Ok(store::set_clock(tx, case, &after).await?)
    }

    /// The limit `due_at`, or where a year was passed that is not known the latest that it can be.
    async fn reached_for_certain(
        &self,
        tx: &DatabaseTransaction,
        deps: &Deps,
        due_at: DateTime<Utc>,
    ) -> Result<DateTime<Utc>, Error> {
        let case = self.case;
        let rule = self.stage.clock.as_ref().filter(|_| case.provisional);
        let (Some(rule), Some(since), Some(left)) = (rule, case.clock_since, case.clock_left)
        else {
            return Ok(due_at);
        };
        let days = Days::since(tx, since).await?.at_the_latest(since);
        Ok(rule.limit.end(since, left, days.at(deps, &case.division)).0)
    }

    async fn decide(&self, tx: &DatabaseTransaction, deps: &Deps) -> Result<bool, Error> {
        let Some(Consequence::Decide {
            outcome, otherwise, ..
        }) = self.consequence()
        else {
            return Ok(false);
        };
        let permit = match outcome {
            CaseOutcome::ByClock => {
                let handler = handler_of(deps, self.case)?;
                let action = CaseAction::Decide;
                handler
                    .permits(tx, deps, self.case, action, By::Clock)
                    .await?
            }
            _ => Permit::Yes,
        };
        match (permit, otherwise) {
            (Permit::Yes, _) => {
                let to = Target::Outcome(*outcome);
                self.moved(tx, deps, CaseAction::Decide, &to).await
            }
            (Permit::No(_), Some(Otherwise::Stage(to))) => {
                let to = Target::Stage(to.clone());
                self.moved(tx, deps, CaseAction::Escalate, &to).await
            }
            (Permit::No(_), Some(Otherwise::Remind(every))) => {
                self.remind(tx, deps).await?;
                let after = self.reminded_in(every.remind);
                Ok(store::set_clock(tx, self.case, &after).await?)
            }
            (Permit::No(problem), None) => Err(Error::NotPermitted(problem)),
        }
    }

    async fn moved(
        &self,
        tx: &DatabaseTransaction,
        deps: &Deps,
        action: CaseAction,
        to: &Target,
    ) -> Result<bool, Error> {
        let going = Going {
            case: self.case,
            now: self.now,
            workflow: self.workflow,
            stage: self.stage,
            by: By::Clock,
            action,
            to,
            reason: None,
            text: None,
        };
        go(tx, deps, &going).await.map(|_| true)
    }
}
