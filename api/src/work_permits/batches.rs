//! Use cases of the city: close batches for the data centre, and see to it that each gets its answers (W4).
//!
//! The row is the job. A batch gathers its workers one after the other, is sent, and is sent again until
//! there is an answer for each, or it was sent often enough: then people of the city look at the rest.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    review_case,
    values::{
        Area, CaseAction, CaseSubject, Division, Role, WorkBatchId, WorkBatchState, WorkPermitId,
    },
    work_batch::Model,
    work_permit,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    answering,
    error::Error,
    sealed::Content,
    stages,
    store::{batches, permits},
    views::{BatchRequest, BatchView},
};
use crate::{
    audit::{self, Actor, Event, Subject, WorkEvent},
    clients::{DataCentreUnavailable, WorkerQuestion},
    deps::Deps,
    http::{
        idempotency::{self, Answer, IdempotencyKey, Outcome},
        page::{Page, Place},
    },
    identity,
    platform::db::begin_write,
    review::{self, By, Move},
    staff::Staff,
};

/// Workers of a batch, at the most: an answer for all of them is a call that we take in.
const LARGEST: u64 = 500;

/// Batches looked at in one run.
const AT_ONCE: u64 = 20;

/// How long a batch is left alone that somebody works on, or that failed.
const PAUSE: TimeDelta = TimeDelta::minutes(1);

/// Close a batch of those who wait longest in `division`, a region of `staff`'s.
pub(super) async fn close(
    deps: &Deps,
    staff: &Staff,
    key: &IdempotencyKey,
    request: BatchRequest,
) -> Result<Answer, Error> {
    let area = Area::from(request.division.clone());
    if !staff.scope.covers_area(Role::Reviewer, &area) {
        return Err(Error::NotFound);
    }
    let effect = async |tx: &DatabaseTransaction| {
        let row = gather(tx, deps, staff, &request.division, &area).await?;
        Ok::<_, Error>((Outcome::Created, BatchView::of(row, Vec::new())))
    };
    let caller = staff.account.0.as_bytes();
    idempotency::once(deps, caller, "close-work-batch", key, &request, effect).await
}

async fn gather(
    tx: &DatabaseTransaction,
    deps: &Deps,
    staff: &Staff,
    division: &Division,
    area: &Area,
) -> Result<Model, Error> {
    let now = deps.clock.now();
    let waiting = permits::standing_at(tx, stages::SUMMARY, area, LARGEST).await?;
    if waiting.is_empty() {
        return Err(Error::NothingToSend);
    }
    let id = WorkBatchId(deps.entropy.id());
    let mut row = Model {
        id,
        division: division.clone(),
        made_by: staff.account,
        made_at: now,
        workers: 0,
        state: WorkBatchState::Gathering,
        tries: 0,
        sent_at: None,
        due_at: Some(now),
        answered_at: None,
    };
    row.workers = i64::try_from(waiting.len()).unwrap_or(i64::MAX);
    batches::insert(tx, row.clone()).await?;
    let gathered = permits::gather(tx, &waiting, id).await?;
    if i64::try_from(gathered) != Ok(row.workers) {
        // Somebody else closed a batch in this moment.
        return Err(Error::NothingToSend);
    }
    let event = Event::Work(WorkEvent::WorkBatchClosed {
        batch: id,
        workers: gathered,
    });
    let actor = Actor::Staff(staff.account);
    audit::record(tx, deps, actor, Subject::Nobody, &event).await?;
    Ok(row)
}

/// The batches of `staff`'s regions, the newest first.
pub(super) async fn list(
    deps: &Deps,
    staff: &Staff,
    after: Option<Place>,
    limit: u64,
) -> Result<Page<BatchView>, Error> {
    let regions = staff.scope.regions();
    let rows = batches::within(&deps.db, &regions, after, limit + 1).await?;
    let page = Page::cut(rows, limit, |last| {
        let (at, id) = (last.made_at, last.id.0);
        Place { at, id }.to_string()
    });
    Ok(page.map(|row| BatchView::of(row, Vec::new())))
}

/// One of them, with what the data centre said of whom.
pub(super) async fn find(deps: &Deps, staff: &Staff, id: WorkBatchId) -> Result<BatchView, Error> {
    let row = batches::find(&deps.db, id).await?;
    let row = row.filter(|row| staff.scope.covers(&row.division));
    let row = row.ok_or(Error::NotFound)?;
    let workers = permits::of_batch(&deps.db, id).await?;
    Ok(BatchView::of(row, workers))
}

/// Do what is due with batches. Returns with how many something was done.
pub(super) async fn look_after(deps: &Deps) -> Result<u64, Error> {
    let now = deps.clock.now();
    let mut done = 0;
    for row in batches::due(&deps.db, now, AT_ONCE).await? {
        let claimed = Model {
            due_at: Some(now + PAUSE),
            ..row.clone()
        };
        if !batches::change(&deps.db, &row, &claimed).await? {
            continue;
        }
        if let Err(error) = see_to(deps, &claimed).await {
            tracing::error!(
                batch = %row.id,
                error = &error as &dyn std::error::Error,
                "batch {} cannot be seen to", row.id
            );
        }
        done += 1;
    }
    Ok(done)
}

async fn see_to(deps: &Deps, row: &Model) -> Result<(), Error> {
    match row.state {
        WorkBatchState::Gathering => hand_over(deps, row).await,
        WorkBatchState::Waiting => ask(deps, row).await,
        WorkBatchState::Answered | WorkBatchState::GivenUp => {
            let over = Model {
                due_at: None,
                ..row.clone()
            };
            batches::change(&deps.db, row, &over).await?;
            Ok(())
        }
    }
}

/// Send every worker of the batch on, in the name of who closed it, and then the batch itself.
async fn hand_over(deps: &Deps, row: &Model) -> Result<(), Error> {
    for worker in permits::of_batch(&deps.db, row.id).await? {
        if let Err(error) = send_on(deps, row, &worker).await {
            // Who cannot be sent on stays where they are, and goes with no other batch: people decide.
            tracing::warn!(
                permit = %worker.id,
                error = &error as &dyn std::error::Error,
                "worker {} does not go with the batch", worker.id
            );
        }
    }
    deps.outbox.wake();
    let ready = Model {
        state: WorkBatchState::Waiting,
        due_at: Some(deps.clock.now()),
        ..row.clone()
    };
    batches::change(&deps.db, row, &ready).await?;
    Ok(())
}

async fn send_on(deps: &Deps, row: &Model, worker: &work_permit::Model) -> Result<(), Error> {
    let Some(person) = worker.person_id else {
        return Ok(());
    };
    let tx = begin_write(&deps.db).await?;
    identity::lock(&tx, person).await?;
    let Some(case) = case_at(&tx, worker.id, stages::SUMMARY).await? else {
        return Ok(());
    };
    let by = By::Staff {
        account: row.made_by,
        instead_of: None,
    };
    let what = Move {
        action: CaseAction::Approve,
        reason: None,
        text: None,
    };
    Box::pin(review::act(&tx, deps, &case, by, what)).await?;
    Ok(tx.commit().await?)
}

/// The case of the row `id`, if it stands at `stage`.
pub(super) async fn case_at(
    db: &impl ConnectionTrait,
    id: WorkPermitId,
    stage: &str,
) -> Result<Option<review_case::Model>, Error> {
    let case = review::case_about(db, CaseSubject::WorkPermit, id.0).await?;
    Ok(case.filter(|case| case.outcome.is_none() && case.stage == stage))
}

/// Send the batch, or send it again; take in what is known of it; or give up.
async fn ask(deps: &Deps, row: &Model) -> Result<(), Error> {
    let now = deps.clock.now();
    if row.tries > 0 {
        match deps.data_centre.answer(row.id).await {
            Ok(Some(answer)) => {
                answering::take_in(deps, &answer).await?;
            }
            // It lost the batch: what follows sends it again.
            Ok(None) => {
                tracing::warn!(batch = %row.id, "the data centre knows nothing of batch {}", row.id);
            }
            Err(error) => report(row, &error),
        }
    }
    let current = batches::find(&deps.db, row.id).await?;
    let Some(current) = current.filter(|row| row.state == WorkBatchState::Waiting) else {
        return Ok(());
    };
    if is_given_up(deps, &current) {
        return give_up(deps, &current).await;
    }
    let questions = questions(deps, row).await?;
    if questions.is_empty() {
        return answering::settle(deps, row.id).await;
    }
    // A call may come before this is noted: whoever takes it in changes the same row, and one of both waits.
    let sent = Model {
        tries: current.tries + 1,
        sent_at: current.sent_at.or(Some(now)),
        due_at: Some(now + TimeDelta::minutes(deps.work_permits.ask_again_minutes.into())),
        ..current.clone()
    };
    if !batches::change(&deps.db, &current, &sent).await? {
        return Ok(());
    }
    if let Err(error) = deps.data_centre.submit(row.id, &questions).await {
        report(row, &error);
        let soon = Model {
            due_at: Some(now + PAUSE),
            tries: current.tries.max(1),
            ..sent.clone()
        };
        batches::change(&deps.db, &sent, &soon).await?;
    }
    Ok(())
}

/// Whether nobody waits for the rest of the batch any more: it was sent as often as it is, or the data centre
/// has been away for as long as that takes.
fn is_given_up(deps: &Deps, row: &Model) -> bool {
    let tries = i64::from(deps.work_permits.tries);
    let patience = TimeDelta::minutes(tries * i64::from(deps.work_permits.ask_again_minutes));
    let waited = |since: DateTime<Utc>| since + patience <= deps.clock.now();
    row.tries >= tries || row.sent_at.is_some_and(waited)
}

fn report(row: &Model, error: &DataCentreUnavailable) {
    tracing::warn!(
        batch = %row.id,
        error = error as &dyn std::error::Error,
        "the data centre does not answer about batch {}", row.id
    );
}

/// The workers of the batch of whom nothing is known yet.
async fn questions(deps: &Deps, row: &Model) -> Result<Vec<WorkerQuestion>, Error> {
    let mut questions = Vec::new();
    for worker in permits::of_batch(&deps.db, row.id).await? {
        if worker.authentication.is_some() || worker.outcome.is_some() {
            continue;
        }
        // Whoever could not be sent on is nobody's whom the data centre is to hear of.
        if case_at(&deps.db, worker.id, stages::DATA_CENTRE)
            .await?
            .is_none()
        {
            continue;
        }
        let Some(content) = Content::open(deps, &worker)? else {
            continue;
        };
        questions.push(WorkerQuestion {
            reference: worker.id,
            document_kind: content.document_kind.name(),
            name: content.name,
            document_number: content.document_number,
            residence: worker
                .residence_division
                .map(Into::into)
                .unwrap_or_default(),
        });
    }
    Ok(questions)
}

/// Nobody waits for the rest any more: people of the city look at them.
async fn give_up(deps: &Deps, row: &Model) -> Result<(), Error> {
    for worker in permits::of_batch(&deps.db, row.id).await? {
        if worker.authentication.is_none() {
            answering::move_on(deps, &worker, CaseAction::Escalate).await?;
        }
    }
    let over = Model {
        state: WorkBatchState::GivenUp,
        due_at: None,
        ..row.clone()
    };
    batches::change(&deps.db, row, &over).await?;
    metrics::counter!("work_batches_given_up_total").increment(1);
    Ok(())
}
