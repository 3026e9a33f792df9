//! A case goes somewhere: the one way in which it does, whoever moves it.

use chrono::{DateTime, Utc};
use entity::{
    review_case::Model,
    review_step,
    values::{Area, CaseAction, CaseOutcome, CaseState, Division},
};
use metrics::counter;
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    breaches,
    error::Error,
    handler::{By, Handler},
    rules::{Counting, Dial, Level, Stage, Target, Workflow, Working},
    store, workflows,
};
use crate::{
    audit::{self, CaseEvent, Event},
    deps::Deps,
    identity,
    notifications::{self, Decision, Message},
    platform::clock::local_date,
    regions::{self, Calendar},
};

/// A move that was looked at and may be made.
pub(super) struct Going<'a> {
    pub(super) case: &'a Model,
    /// When it is made.
    pub(super) now: DateTime<Utc>,
    pub(super) workflow: &'a Workflow,
    pub(super) stage: &'a Stage,
    pub(super) by: By,
    pub(super) action: CaseAction,
    pub(super) to: &'a Target,
    pub(super) reason: Option<String>,
    pub(super) text: Option<&'a str>,
}

/// Where a case comes to stand.
enum Place<'a> {
    At {
        stage: &'a Stage,
        left: Option<i64>,
        /// Which stay goes on, where it came back.
        stay: Option<i64>,
    },
    Closed(CaseOutcome),
}

/// Make a move: book a limit that passed, change the row, write the step, and tell everybody whom it
/// concerns. Refused if somebody else moved the case since it was read.
pub(super) async fn go(
    tx: &DatabaseTransaction,
    deps: &Deps,
    going: &Going<'_>,
) -> Result<Model, Error> {
    let (before, now) = (going.case, going.now);
    let handler = handler_of(deps, before)?;
    let late_since = breaches::book_if_late(tx, deps, before, going.stage, now).await?;
    let mut place = place(tx, going).await?;
    let days = days_for(tx, going, &place, now).await?;
    let working = days.at(deps, &before.division);
    if let Place::At { left, .. } = &mut place
        && is_sent_up(going)
    {
        *left = left_of(going, now, working);
    }
    let mut after = stand(before, &place, now, working);
    after.late_since = before.late_since.or(late_since);
    alarm(&after);
    if !store::move_on(tx, before, &after).await? {
        return Err(Error::Overtaken);
    }
    let mut step = step(going, &after, now);
    step.clock_left = left_of(going, now, working);
    write(tx, deps, going, step, &after, handler).await?;
    Ok(after)
}

/// The calendar, where the clock that stops or the one that starts needs it.
async fn days_for(
    tx: &DatabaseTransaction,
    going: &Going<'_>,
    place: &Place<'_>,
    now: DateTime<Utc>,
) -> Result<Days, Error> {
    let counts = |stage: &Stage| {
        let limit = stage.clock.as_ref().map(|rule| rule.limit.counting());
        limit.is_some_and(|counting| counting != Counting::AnyTime)
    };
    let starts = matches!(place, Place::At { stage, .. } if counts(stage));
    if starts || counts(going.stage) && !is_out(going.case, now) {
        let first = now.min(going.case.opened_at);
        let since = going.case.clock_since;
        Days::since(tx, since.map_or(first, |since| since.min(first))).await
    } else {
        Ok(Days::default())
    }
}

/// Whether somebody sends the case up in time: what is left of the clock goes along, since nothing is
/// promised anew. A limit that was reached is booked, and whoever is above begins with their own.
fn is_sent_up(going: &Going<'_>) -> bool {
    let by_staff = matches!(going.by, By::Staff { .. });
    going.action == CaseAction::Escalate && by_staff && !is_out(going.case, going.now)
}

fn is_out(case: &Model, now: DateTime<Utc>) -> bool {
    case.due_at.is_some_and(|due_at| due_at <= now)
}

/// What is left of the clock that stops.
fn left_of(going: &Going<'_>, now: DateTime<Utc>, working: Working<'_>) -> Option<i64> {
    if is_out(going.case, now) {
        return Some(0);
    }
    let rule = going.stage.clock.as_ref()?;
    clock_of(going.case).left_at(rule.limit, now, working)
}

async fn write(
    tx: &DatabaseTransaction,
    deps: &Deps,
    going: &Going<'_>,
    mut step: review_step::Model,
    after: &Model,
    handler: &dyn Handler,
) -> Result<(), Error> {
    if let Some(text) = going.text {
        let key = identity::data_key_of(tx, deps, after.person_id).await?;
        step.text = Some(workflows::seal_text(&step, &key, deps, text)?);
    }
    store::insert_step(tx, step.clone()).await?;
    record(tx, deps, going.by, &step, after).await?;
    tell(tx, deps, going.action, after, handler).await?;
    handler.moved(tx, deps, after, &step).await?;
    counter!("review_steps_total", "action" => action_name(going.action)).increment(1);
    Ok(())
}

/// Where the case will stand.
async fn place<'a>(tx: &DatabaseTransaction, going: &Going<'a>) -> Result<Place<'a>, Error> {
    let stage = |key: &str| {
        let stage = going.workflow.stage(key);
        stage.ok_or_else(|| Error::NoSuchStage(key.to_owned()))
    };
    Ok(match going.to {
        Target::Outcome(outcome) => Place::Closed(*outcome),
        Target::Stage(key) => Place::At {
            stage: stage(key)?,
            left: None,
            stay: None,
        },
        Target::Back => {
            let asked = store::last_asking(tx, going.case.id).await?;
            let asked = asked.ok_or(Error::NobodyAsked)?;
            Place::At {
                stage: stage(&asked.stage)?,
                left: asked.clock_left,
                stay: Some(asked.stay),
            }
        }
    })
}

fn stand(before: &Model, place: &Place<'_>, now: DateTime<Utc>, working: Working<'_>) -> Model {
    let mut after = Model {
        turn: before.turn + 1,
        ..before.clone()
    };
    match place {
        Place::At { stage, left, stay } => {
            stand_at(&mut after, stage, now);
            after.stay = stay.unwrap_or(after.turn);
            let rule = stage.clock.as_ref();
            let opened_at = before.opened_at;
            let clock = rule.map(|rule| Dial::started(rule, *left, opened_at, now, working));
            set_clock(&mut after, clock.unwrap_or_default());
        }
        Place::Closed(outcome) => {
            after.state = CaseState::Closed;
            after.outcome = Some(*outcome);
            after.closed_at = Some(now);
            set_clock(&mut after, Dial::default());
        }
    }
    after
}

/// Let `case` be at `stage` from `now` on; its clock is another matter.
pub(super) fn stand_at(case: &mut Model, stage: &Stage, now: DateTime<Utc>) {
    case.state = stage.state();
    case.stage.clone_from(&stage.key);
    case.stage_since = now;
    case.decider = stage.decider.as_ref().map(|decider| decider.role);
    case.assignee = None;
    case.assigned_at = None;
    let level = stage.decider.as_ref().map(|decider| &decider.level);
    let level = level.unwrap_or(&Level::Community);
    case.area = area_of(level, case);
}

/// The area that is responsible for `case` at a stage whose decider is at `level`.
#[must_use]
pub fn area_of(level: &Level, case: &Model) -> Area {
    let division = &case.division;
    let around = || regions::ancestors(division);
    match level {
        Level::Community => case.community.as_ref().map_or_else(
            || Area::from(division.clone()),
            |community| Area::from(community.clone()),
        ),
        Level::District => division.clone().into(),
        Level::ResidenceCommunity | Level::ResidenceDistrict => residence(level, case),
        Level::Prefecture => around().first().unwrap_or(division).clone().into(),
        Level::Province => around().last().unwrap_or(division).clone().into(),
        Level::Named(named) => named.clone().into(),
    }
}

/// The area of `level` where whom `case` concerns lives.
fn residence(level: &Level, case: &Model) -> Area {
    let community = case.residence_community.as_ref();
    if let Some(community) = community.filter(|_| *level == Level::ResidenceCommunity) {
        return community.clone().into();
    }
    let lives = case.residence_division.as_ref();
    lives.unwrap_or(&case.division).clone().into()
}

/// What the clock of `case` shows.
pub(super) fn clock_of(case: &Model) -> Dial {
    Dial {
        since: case.clock_since,
        left: case.clock_left,
        due_at: case.due_at,
        provisional: case.provisional,
        calendar_version: case.calendar_version,
        timer: case.timer,
        timer_at: case.timer_at,
    }
}

/// Raise the alarm where the limit of `case` passed a year that is not known.
pub(super) fn alarm(case: &Model) {
    if let Some(due_at) = case.due_at {
        regions::note_deadline(case.provisional, due_at);
    }
}

/// Let the clock of `case` show `clock`.
pub(super) fn set_clock(case: &mut Model, clock: Dial) {
    case.clock_since = clock.since;
    case.clock_left = clock.left;
    case.due_at = clock.due_at;
    case.provisional = clock.provisional;
    case.calendar_version = clock.calendar_version;
    case.timer = clock.timer;
    case.timer_at = clock.timer_at;
}

fn step(going: &Going<'_>, after: &Model, now: DateTime<Utc>) -> review_step::Model {
    let (account_id, for_account_id, person_id) = going.by.columns();
    let is_over = after.state == CaseState::Closed;
    review_step::Model {
        case_id: after.id,
        turn: after.turn,
        at: now,
        action: going.action,
        stage: going.case.stage.clone(),
        stage_after: (!is_over).then(|| after.stage.clone()),
        stay: going.case.stay,
        clock_left: None,
        account_id,
        for_account_id,
        person_id,
        reason: going.reason.clone(),
        text: None,
    }
}

async fn record(
    tx: &DatabaseTransaction,
    deps: &Deps,
    by: By,
    step: &review_step::Model,
    after: &Model,
) -> Result<(), Error> {
    let event = Event::Case(CaseEvent::CaseMoved {
        case: after.id,
        turn: step.turn,
        action: step.action,
        stage: step.stage.clone(),
        stage_after: step.stage_after.clone(),
        outcome: after.outcome,
        instead_of: step.for_account_id,
    });
    Ok(audit::record(tx, deps, by.actor(), after.person_id, &event).await?)
}

/// Tell the applicant what they cannot know: how it was decided, and that something is asked of them.
async fn tell(
    tx: &DatabaseTransaction,
    deps: &Deps,
    action: CaseAction,
    after: &Model,
    handler: &dyn Handler,
) -> Result<(), Error> {
    let case = handler.reference(after);
    let at = deps.clock.now();
    let decided = |decision| Message::ReviewDecided {
        case: case.clone(),
        decision,
        at,
    };
    let message = match (after.outcome, action, after.due_at) {
        (Some(CaseOutcome::Approved | CaseOutcome::ByClock), ..) => decided(Decision::Approved),
        (Some(CaseOutcome::Refused | CaseOutcome::Lapsed), ..) => decided(Decision::Refused),
        (None, CaseAction::Ask, Some(until)) => Message::ReviewDue { case, until },
        _ => return Ok(()),
    };
    Ok(notifications::tell(tx, deps, after.person_id, &message).await?)
}

pub(super) fn handler_of<'a>(deps: &'a Deps, case: &Model) -> Result<&'a dyn Handler, Error> {
    let handler = deps.reviews.of(case.subject);
    handler.ok_or(Error::NoHandler(case.subject))
}

/// The calendar and its version, as they are in the transaction.
#[derive(Default)]
pub(super) struct Days {
    calendar: Calendar,
    version: i64,
}

impl Days {
    /// From the year of `start` on.
    pub(super) async fn since(
        db: &impl ConnectionTrait,
        start: DateTime<Utc>,
    ) -> Result<Self, Error> {
        // The version first: a year that is saved in between is found to be newer.
        let version = regions::calendar_version(db).await?;
        let calendar = regions::calendar_from(db, local_date(start)).await?;
        Ok(Self { calendar, version })
    }

    /// The same if in years that are not known as many days were off from `start` on as can be.
    pub(super) fn at_the_latest(self, start: DateTime<Utc>) -> Self {
        Self {
            calendar: self.calendar.at_the_latest(local_date(start)),
            ..self
        }
    }

    /// With the hours of `division`.
    pub(super) fn at<'a>(&'a self, deps: &'a Deps, division: &Division) -> Working<'a> {
        Working {
            calendar: &self.calendar,
            version: self.version,
            hours: regions::office_hours_of(deps, division),
        }
    }
}

fn action_name(action: CaseAction) -> &'static str {
    match action {
        CaseAction::Open => "open",
        CaseAction::Approve => "approve",
        CaseAction::Refuse => "refuse",
        CaseAction::Ask => "ask",
        CaseAction::Resubmit => "resubmit",
        CaseAction::Withdraw => "withdraw",
        CaseAction::Escalate => "escalate",
        CaseAction::Answer => "answer",
        CaseAction::Decide => "decide",
    }
}
