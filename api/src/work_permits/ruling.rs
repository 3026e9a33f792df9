//! Use case: decide on many workers of a form at once, but for some (W3).
//!
//! A sweep makes the decision, case by case: each as if it were decided by hand, by whoever asked, and only
//! where they may still decide then.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use entity::{
    values::{CaseAction, CaseSubject, WorkFormId, WorkRulingId},
    work_permit,
    work_ruling::Model,
};
use sea_orm::DatabaseTransaction;

use super::{
    error::Error,
    sealed::{open_words, seal_words},
    store::{forms, permits, rulings},
    views::{RulingRequest, RulingView},
};
use crate::{
    audit::{self, Actor, Event, Subject, WorkEvent},
    deps::Deps,
    http::idempotency::{self, Answer, IdempotencyKey, Outcome},
    identity,
    platform::db::begin_write,
    review::{self, By, Move},
    staff::{self, Staff},
};

/// Cases decided in one run.
const AT_ONCE: u64 = 200;

/// Decisions looked at in one run.
const RULINGS: u64 = 5;

/// How long one is left alone that somebody works on.
const PAUSE: TimeDelta = TimeDelta::minutes(1);

/// Ask for a decision on a form.
pub(super) async fn ask(
    deps: &Deps,
    staff: &Staff,
    form: WorkFormId,
    key: &IdempotencyKey,
    request: RulingRequest,
) -> Result<Answer, Error> {
    if !matches!(request.action, CaseAction::Approve | CaseAction::Refuse) {
        return Err(Error::NotForMany);
    }
    let effect = async |tx: &DatabaseTransaction| {
        let row = record(tx, deps, staff, form, &request).await?;
        Ok::<_, Error>((Outcome::Created, RulingView::of(&row)))
    };
    let caller = staff.account.0.as_bytes();
    let asked = (form, &request);
    idempotency::once(deps, caller, "decide-work-form", key, &asked, effect).await
}

async fn record(
    tx: &DatabaseTransaction,
    deps: &Deps,
    staff: &Staff,
    id: WorkFormId,
    request: &RulingRequest,
) -> Result<Model, Error> {
    let form = forms::lock(tx, id).await?;
    form.filter(|form| staff.scope.covers(&form.division))
        .ok_or(Error::NotFound)?;
    if rulings::under_way(tx, id).await?.is_some() {
        return Err(Error::RulingOpen);
    }
    let (now, ruling) = (deps.clock.now(), WorkRulingId(deps.entropy.id()));
    let text = request.text.as_deref();
    let text = text
        .map(|text| seal_words(deps, ruling.0, text))
        .transpose()?;
    let row = Model {
        id: ruling,
        form_id: id,
        account_id: staff.account,
        made_at: now,
        stage: request.stage.clone(),
        action: request.action,
        reason: request.reason.clone(),
        text,
        left_out: serde_json::to_value(&request.except)?,
        line: 0,
        decided: 0,
        failed: 0,
        due_at: Some(now),
        ended_at: None,
    };
    rulings::insert(tx, row.clone()).await?;
    let event = Event::Work(WorkEvent::WorkRulingMade {
        ruling,
        form: id,
        action: request.action,
    });
    let actor = Actor::Staff(staff.account);
    audit::record(tx, deps, actor, Subject::Nobody, &event).await?;
    Ok(row)
}

/// How far a decision got.
pub(super) async fn find(
    deps: &Deps,
    staff: &Staff,
    form: WorkFormId,
    id: WorkRulingId,
) -> Result<RulingView, Error> {
    let known = forms::find(&deps.db, form).await?;
    known
        .filter(|form| staff.scope.covers(&form.division))
        .ok_or(Error::NotFound)?;
    let row = rulings::find(&deps.db, id).await?;
    let row = row.filter(|row| row.form_id == form);
    Ok(RulingView::of(&row.ok_or(Error::NotFound)?))
}

/// Make some of the decisions that were asked for. Returns how many cases were looked at.
pub(super) async fn make_some(deps: &Deps) -> Result<u64, Error> {
    let now = deps.clock.now();
    let mut looked = 0;
    for row in rulings::due(&deps.db, now, RULINGS).await? {
        if rulings::claim(&deps.db, &row, now + PAUSE).await? {
            looked += make(deps, row).await?;
        }
    }
    if looked > 0 {
        deps.outbox.wake();
        deps.recheck.wake();
    }
    Ok(looked)
}

async fn make(deps: &Deps, mut row: Model) -> Result<u64, Error> {
    let left_out: BTreeSet<i64> = serde_json::from_value(row.left_out.clone())?;
    let text = row.text.as_deref();
    let text = text
        .map(|text| open_words(deps, row.id.0, text))
        .transpose()?;
    let workers = permits::of_form(&deps.db, row.form_id, row.line, AT_ONCE).await?;
    let count = u64::try_from(workers.len()).unwrap_or(u64::MAX);
    for worker in &workers {
        row.line = worker.line;
        if left_out.contains(&worker.line) {
            continue;
        }
        match decide(deps, &row, worker, text.as_deref()).await {
            Ok(true) => row.decided += 1,
            Ok(false) => (),
            Err(error) => {
                row.failed += 1;
                tracing::warn!(
                    permit = %worker.id,
                    error = &error as &dyn std::error::Error,
                    "worker {} was not decided on with the others", worker.id
                );
            }
        }
    }
    let now = deps.clock.now();
    if count < AT_ONCE {
        row.ended_at = Some(now);
        row.due_at = None;
    } else {
        row.due_at = Some(now);
    }
    rulings::advance(&deps.db, &row).await?;
    Ok(count.max(1))
}

/// Decide on one worker. `false` if they stand elsewhere.
async fn decide(
    deps: &Deps,
    row: &Model,
    worker: &work_permit::Model,
    text: Option<&str>,
) -> Result<bool, Error> {
    let Some(person) = worker.person_id else {
        return Ok(false);
    };
    let tx = begin_write(&deps.db).await?;
    identity::lock(&tx, person).await?;
    let case = review::case_about(&tx, CaseSubject::WorkPermit, worker.id.0).await?;
    let case = case.filter(|case| case.outcome.is_none() && case.stage == row.stage);
    let Some(case) = case else {
        return Ok(false);
    };
    let posts = staff::posts_of(&tx, deps, vec![row.account_id]).await?;
    let mut own = posts.iter();
    let may = own.any(|(_, role, area)| case.decider == Some(*role) && area.contains(&case.area));
    if !may {
        return Err(Error::NotFound);
    }
    let by = By::Staff {
        account: row.account_id,
        instead_of: None,
    };
    let what = Move {
        action: row.action,
        reason: row.reason.clone(),
        text: text.map(str::to_owned),
    };
    Box::pin(review::act(&tx, deps, &case, by, what)).await?;
    tx.commit().await?;
    Ok(true)
}
