//! Use case: take in what the data centre says (W4), by its own call or asked for; once, in parts, late, or
//! again.

use entity::{
    values::{Authentication, CaseAction, WorkBatchId, WorkBatchState},
    work_batch::Model,
    work_permit,
};

use super::{
    batches::case_at,
    error::Error,
    stages,
    store::{batches, permits},
};
use crate::{
    audit::{self, Actor, Event, WorkEvent},
    clients::{BatchAnswer, WorkerAnswer},
    deps::Deps,
    http::problem::{Fault, UNAVAILABLE},
    identity,
    platform::db::begin_write,
    review::{self, By, Move},
};

/// Take in a call of the data centre's. What was said before has no second effect.
///
/// Refused if it is not signed, and if nobody sent such a batch: nothing is changed then.
pub(super) async fn take_in_call(deps: &Deps, signature: &str, body: &[u8]) -> Result<u64, Error> {
    let answer = deps.data_centre.read_call(signature, body);
    let answer = answer.map_err(|_| Error::ForgedAnswer)?;
    take_in(deps, &answer).await
}

/// Take in `answer`. Returns of how many workers something new was said.
pub(super) async fn take_in(deps: &Deps, answer: &BatchAnswer) -> Result<u64, Error> {
    let batch = batches::find(&deps.db, answer.batch).await?;
    let batch = batch.filter(|batch| batch.state != WorkBatchState::Gathering);
    let batch = batch.ok_or(Error::UnknownBatch)?;
    let mut new = 0;
    for said in &answer.results {
        match note(deps, &batch, *said).await {
            Ok(is_new) => new += u64::from(is_new),
            Err(error) if error.kind() == UNAVAILABLE => return Err(error),
            // One who cannot be moved on keeps nobody else waiting: the clock of their case runs.
            Err(error) => tracing::error!(
                permit = %said.reference,
                error = &error as &dyn std::error::Error,
                "what is said of worker {} cannot be noted", said.reference
            ),
        }
    }
    if new > 0 {
        deps.outbox.wake();
    }
    settle(deps, batch.id).await?;
    Ok(new)
}

/// Note what is said of one worker, and move their case on. `false` if it was said before, or the worker is
/// none of the batch.
async fn note(deps: &Deps, batch: &Model, said: WorkerAnswer) -> Result<bool, Error> {
    let worker = permits::find(&deps.db, said.reference).await?;
    let worker = worker.filter(|worker| worker.batch_id == Some(batch.id));
    let Some((worker, person)) = worker.and_then(|worker| {
        let person = worker.person_id?;
        Some((worker, person))
    }) else {
        return Ok(false);
    };
    let now = deps.clock.now();
    let tx = begin_write(&deps.db).await?;
    identity::lock(&tx, person).await?;
    if !permits::authenticate(&tx, worker.id, batch.id, said.result, now).await? {
        return Ok(false);
    }
    let event = Event::Work(WorkEvent::WorkerAuthenticated {
        permit: worker.id,
        answer: said.result,
    });
    audit::record(&tx, deps, Actor::System, person, &event).await?;
    let action = match said.result {
        Authentication::Authenticated => CaseAction::Answer,
        Authentication::Mismatch | Authentication::Unknown => CaseAction::Escalate,
    };
    // Later than anybody waited, what is said is kept, and whoever decides sees it.
    if let Some(case) = case_at(&tx, worker.id, stages::DATA_CENTRE).await? {
        Box::pin(review::act(&tx, deps, &case, By::System, moved(action))).await?;
    }
    tx.commit().await?;
    Ok(true)
}

fn moved(action: CaseAction) -> Move {
    Move {
        action,
        reason: None,
        text: None,
    }
}

/// Move the case of `worker` on from the data centre, if it stands there.
pub(super) async fn move_on(
    deps: &Deps,
    worker: &work_permit::Model,
    action: CaseAction,
) -> Result<(), Error> {
    let Some(person) = worker.person_id else {
        return Ok(());
    };
    let tx = begin_write(&deps.db).await?;
    identity::lock(&tx, person).await?;
    if let Some(case) = case_at(&tx, worker.id, stages::DATA_CENTRE).await? {
        Box::pin(review::act(&tx, deps, &case, By::System, moved(action))).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Close the batch `id` if there is an answer for each of its workers.
pub(super) async fn settle(deps: &Deps, id: WorkBatchId) -> Result<(), Error> {
    let workers = permits::of_batch(&deps.db, id).await?;
    let open = |worker: &work_permit::Model| {
        worker.authentication.is_none() && worker.outcome.is_none() && worker.ended_at.is_none()
    };
    if workers.iter().any(open) {
        return Ok(());
    }
    for _ in 0..3 {
        let Some(batch) = batches::find(&deps.db, id).await? else {
            return Ok(());
        };
        if batch.state == WorkBatchState::Answered {
            return Ok(());
        }
        let over = Model {
            state: WorkBatchState::Answered,
            due_at: None,
            answered_at: Some(deps.clock.now()),
            ..batch.clone()
        };
        if batches::change(&deps.db, &batch, &over).await? {
            return Ok(());
        }
    }
    Ok(())
}
