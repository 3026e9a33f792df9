//! Use cases: open a case, and find it.

use chrono::{DateTime, Utc};
use entity::{
    review_case::Model,
    review_step,
    values::{Area, CaseAction, CaseId, CaseState, CaseSubject, Community, Division, PersonId},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use uuid::Uuid;

use super::{
    error::Error,
    handler::By,
    moving::{Days, alarm, handler_of, set_clock, stand_at},
    rules::{Dial, Stage, Workflow},
    store, workflows,
};
use crate::{
    audit::{self, CaseEvent, Event},
    deps::Deps,
    identity,
};

/// A case as it begins.
#[derive(Debug, Clone)]
pub struct Opening {
    /// What it is about.
    pub subject: CaseSubject,
    /// Which of those.
    pub subject_id: Uuid,
    /// Whom it concerns.
    pub person: PersonId,
    /// The county or district whose case it is.
    pub division: Division,
    /// The community that handles it, where one does.
    pub community: Option<Community>,
    /// The workflow that it follows: the newest version of it.
    pub workflow: &'static str,
    /// Who opens it.
    pub by: By,
}

/// The course of a case that follows another workflow of its subject than the usual one, and may lead to where
/// whom it concerns lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// The workflow that it follows: the newest version of it.
    pub workflow: String,
    /// The county or district where whom it concerns lives, as far as that is of our regions.
    pub residence_division: Option<Division>,
    /// The community there.
    pub residence_community: Option<Community>,
    /// The unit whose doing it is about, and since when: nobody who has a post there, or had one since, may
    /// know of it.
    pub against: Option<(Area, DateTime<Utc>)>,
}

/// Open a case at the first stage of the newest version of its workflow, as part of the transaction `tx`,
/// which locks the person's row. There is one about each subject: another is refused.
pub async fn open(tx: &DatabaseTransaction, deps: &Deps, opening: Opening) -> Result<Model, Error> {
    let course = Course {
        workflow: opening.workflow.to_owned(),
        residence_division: None,
        residence_community: None,
        against: None,
    };
    open_on(tx, deps, opening, course).await
}

/// The same with a case that takes `course`.
pub async fn open_on(
    tx: &DatabaseTransaction,
    deps: &Deps,
    opening: Opening,
    course: Course,
) -> Result<Model, Error> {
    identity::lock(tx, opening.person).await?;
    let unknown = || Error::NoSuchWorkflow(course.workflow.clone());
    let version = store::newest_version(tx, &course.workflow).await?;
    let version = version.ok_or_else(unknown)?;
    let workflow = workflows::read(tx, deps, &course.workflow, version).await?;
    if workflow.subject != opening.subject {
        return Err(unknown());
    }
    let first = workflow.stage(&workflow.first).ok_or_else(unknown)?;
    let case = first_state(tx, deps, &opening, &course, &workflow, first).await?;
    let handler = handler_of(deps, &case)?;
    if !store::insert(tx, case.clone()).await? {
        return Err(Error::OpenedBefore);
    }
    let step = first_step(&case, opening.by);
    store::insert_step(tx, step.clone()).await?;
    let event = Event::Case(CaseEvent::CaseOpened {
        case: case.id,
        subject: case.subject,
        workflow: case.workflow.clone(),
        version,
    });
    audit::record(tx, deps, opening.by.actor(), case.person_id, &event).await?;
    handler.moved(tx, deps, &case, &step).await?;
    Ok(case)
}

async fn first_state(
    tx: &DatabaseTransaction,
    deps: &Deps,
    opening: &Opening,
    course: &Course,
    workflow: &Workflow,
    first: &Stage,
) -> Result<Model, Error> {
    let now = deps.clock.now();
    let days = Days::since(tx, now).await?;
    let mut case = Model {
        id: CaseId(deps.entropy.id()),
        subject: opening.subject,
        subject_id: opening.subject_id,
        person_id: opening.person,
        division: opening.division.clone(),
        community: opening.community.clone(),
        residence_division: course.residence_division.clone(),
        residence_community: course.residence_community.clone(),
        against: course.against.as_ref().map(|(unit, _)| unit.clone()),
        against_since: course.against.as_ref().map(|(_, since)| *since),
        workflow: workflow.key.clone(),
        workflow_version: workflow.version,
        opened_at: now,
        turn: 1,
        stay: 1,
        state: CaseState::Authority,
        stage: first.key.clone(),
        stage_since: now,
        decider: None,
        area: opening.division.clone().into(),
        assignee: None,
        assigned_at: None,
        clock_since: None,
        clock_left: None,
        due_at: None,
        provisional: false,
        calendar_version: None,
        timer: None,
        timer_at: None,
        late_since: None,
        outcome: None,
        closed_at: None,
    };
    stand_at(&mut case, first, now);
    let working = days.at(deps, &opening.division);
    let rule = first.clock.as_ref();
    let clock = rule.map(|rule| Dial::started(rule, None, now, now, working));
    set_clock(&mut case, clock.unwrap_or_default());
    alarm(&case);
    Ok(case)
}

fn first_step(case: &Model, by: By) -> review_step::Model {
    let (account_id, for_account_id, person_id) = by.columns();
    review_step::Model {
        case_id: case.id,
        turn: case.turn,
        at: case.opened_at,
        action: CaseAction::Open,
        stage: case.stage.clone(),
        stage_after: Some(case.stage.clone()),
        stay: case.stay,
        clock_left: None,
        account_id,
        for_account_id,
        person_id,
        reason: None,
        text: None,
    }
}

/// The case about `id`, if one was opened.
pub async fn case_about(
    db: &impl ConnectionTrait,
    subject: CaseSubject,
    id: Uuid,
) -> Result<Option<Model>, Error> {
    Ok(store::find_about(db, subject, id).await?)
}
