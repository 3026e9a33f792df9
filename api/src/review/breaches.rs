//! Promises that were not kept: booked once, on who was responsible.

use chrono::{DateTime, Utc};
use entity::{review_breach, review_case::Model, values::CaseTimer};
use metrics::counter;
use sea_orm::DatabaseTransaction;

use super::{
    error::Error,
    rules::{Stage, WaitsFor},
    store,
};
use crate::{
    audit::{self, Actor, Event},
    deps::Deps,
};

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
    };
    if store::book(tx, row).await? {
        let event = Event::PromiseBroken {
            case: case.id,
            stage: case.stage.clone(),
            area: case.area.clone(),
            due_at,
        };
        audit::record(tx, deps, Actor::System, case.person_id, &event).await?;
        counter!("review_breaches_total").increment(1);
    }
    Ok(Some(due_at))
}

/// Whether the limit of the stage at which `case` stands is booked as reached.
pub(super) async fn is_booked(tx: &DatabaseTransaction, case: &Model) -> Result<bool, Error> {
    Ok(store::find_breach(tx, case.id, case.stay).await?.is_some())
}

/// Whether the workflow was to decide `case` and must not, so that whoever is responsible is reminded of
/// it.
pub(super) async fn is_left_to_people(
    tx: &DatabaseTransaction,
    case: &Model,
) -> Result<bool, Error> {
    Ok(case.timer == Some(CaseTimer::Remind) && is_booked(tx, case).await?)
}
