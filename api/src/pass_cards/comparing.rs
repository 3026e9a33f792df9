//! Use case: answer applications whose data comparison has run (P1).

use entity::{
    pass_application::Model,
    values::{CaseAction, CaseState, CaseSubject},
};

use super::{
    error::Error,
    store::{self, Compared},
    views::Findings,
};
use crate::{
    audit::{self, Actor, Event, PassEvent},
    deps::Deps,
    health_code, identity,
    platform::db::begin_write,
    review::{self, By, Move},
};

/// Applications answered in one go.
const BATCH: u64 = 200;

/// Answer the applications that wait for a comparison which has run since they were filed. Returns how
/// many were answered.
pub(super) async fn answer(deps: &Deps) -> Result<u64, Error> {
    let mut answered = 0;
    for row in store::answered(&deps.db, health_code::compared(), BATCH).await? {
        match answer_one(deps, &row).await {
            Ok(done) => answered += u64::from(done),
            // It waits, and the clock of its case does not.
            Err(error) => tracing::error!(
                application = %row.id,
                error = &error as &dyn std::error::Error,
                "the comparison of {} cannot be answered", row.id
            ),
        }
    }
    if answered > 0 {
        deps.outbox.wake();
    }
    Ok(answered)
}

/// Answer one. `false` if somebody else did.
async fn answer_one(deps: &Deps, row: &Model) -> Result<bool, Error> {
    let tx = begin_write(&deps.db).await?;
    identity::lock(&tx, row.person_id).await?;
    let verdict = health_code::verdict_now(&tx, deps, row.person_id).await?;
    let findings = Findings {
        reasons: verdict.reasons.iter().map(|reason| reason.code).collect(),
        holds: verdict
            .reasons
            .iter()
            .filter_map(|reason| Some(reason.hold?.0))
            .collect(),
    };
    let compared = Compared {
        at: deps.clock.now(),
        colour: verdict.colour,
        found: serde_json::to_value(&findings)?,
    };
    if !store::compare(&tx, row.id, compared).await? {
        return Ok(false);
    }
    let event = Event::Pass(PassEvent::PassCompared {
        application: row.id,
        colour: verdict.colour,
    });
    audit::record(&tx, deps, Actor::System, row.person_id, &event).await?;
    let case = review::case_about(&tx, CaseSubject::PassCard, row.id.0).await?;
    // Later than its clock allowed, the answer is kept and the case goes on without.
    if let Some(case) = case.filter(|case| case.state == CaseState::Answer) {
        let what = Move {
            action: CaseAction::Answer,
            reason: None,
            text: None,
        };
        review::act(&tx, deps, &case, By::System, what).await?;
    }
    tx.commit().await?;
    Ok(true)
}
