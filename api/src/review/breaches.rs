//! Promises that were not kept: booked once, on who was responsible.

use chrono::{DateTime, Utc};
use entity::{review_breach, review_case::Model};
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

/// Book that the limit of `stage` was reached without an opinion, if it was: once for each stay of
/// `case` there, on the area that is responsible. The time of the limit, where it was reached at a stage
/// that waits for a person.
///
/// An applicant or a machine that is late breaks no promise of the authority's.
pub(super) async fn book_if_late(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: &Model,
    stage: &Stage,
) -> Result<Option<DateTime<Utc>>, Error> {
    let now = deps.clock.now();
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
