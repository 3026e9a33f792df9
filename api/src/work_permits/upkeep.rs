//! Use case: what becomes of workers and permits by themselves.

use chrono::TimeDelta;
use entity::{
    values::{CaseAction, CaseSubject, PersonId},
    work_permit::Model,
};
use sea_orm::{ConnectionTrait, DbErr};

use super::{batches::case_at, error::Error, opening, permits as issuing, stages, store::permits};
use crate::{
    deps::Deps,
    health_code,
    http::problem::{Fault, UNAVAILABLE},
    identity,
    notifications::{self, Message, Reference},
    platform::{clock::local_date, db::begin_write},
    review::{self, By, Move},
};

/// Rows looked at in one go.
const BATCH: u64 = 200;

/// How long a row is left alone that could not be looked at.
const PAUSE: TimeDelta = TimeDelta::hours(1);

/// How often it is looked whether a worker has declared.
const LOOKED_FOR: TimeDelta = TimeDelta::minutes(1);

/// Look at the rows that are due: open the cases of workers who are known, let on those who declared, remind
/// of permits that end, end them, and forget what is needed no more. Returns how many were looked at.
pub(super) async fn look_after(deps: &Deps) -> Result<u64, Error> {
    let rows = permits::due(&deps.db, deps.clock.now(), BATCH).await?;
    let looked = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    let unopened = |row: &Model| row.opened_at.is_none() && row.ended_at.is_none();
    let (waiting, others): (Vec<Model>, Vec<Model>) = rows.into_iter().partition(unopened);
    if !waiting.is_empty() {
        opening::open_known(deps, waiting).await?;
    }
    for row in others {
        match look_at(deps, &row).await {
            Ok(()) => (),
            Err(error) if error.kind() == UNAVAILABLE => return Err(error),
            // It is looked at again later, and holds up no other.
            Err(error) => {
                tracing::error!(
                    permit = %row.id,
                    error = &error as &dyn std::error::Error,
                    "permit {} cannot be looked after", row.id
                );
                permits::look_at(&deps.db, row.id, Some(deps.clock.now() + PAUSE)).await?;
            }
        }
    }
    if looked > 0 {
        deps.outbox.wake();
    }
    Ok(looked)
}

async fn look_at(deps: &Deps, row: &Model) -> Result<(), Error> {
    let now = deps.clock.now();
    let over = row.ended_at.is_some() || row.valid_until.is_some_and(|until| until <= now);
    match (row.outcome, row.valid_until) {
        _ if row.ended_at.is_some() => Ok(permits::forget(&deps.db, row.id).await?),
        (None, _) => let_on(deps, row).await,
        (Some(_), None) => Ok(permits::forget(&deps.db, row.id).await?),
        (Some(_), Some(until)) if over => {
            let forgotten_at = issuing::forgotten_at(deps, until);
            if forgotten_at <= now {
                return Ok(permits::forget(&deps.db, row.id).await?);
            }
            Ok(permits::let_go(&deps.db, row.id, forgotten_at).await?)
        }
        (Some(_), Some(until)) => {
            let tx = begin_write(&deps.db).await?;
            if let Some((person, message)) = row.person_id.zip(reminder(row)) {
                notifications::tell(&tx, deps, person, &message).await?;
            }
            permits::look_at(&tx, row.id, Some(until)).await?;
            Ok(tx.commit().await?)
        }
    }
}

fn reminder(row: &Model) -> Option<Message> {
    let last_moment = row.valid_until? - TimeDelta::milliseconds(1);
    Some(Message::PassExpiring {
        pass: Reference::parse(row.number.as_deref()?).ok()?,
        last_day: local_date(last_moment),
    })
}

/// Whether what `person` declared was compared. Whoever only proved their name is compared as well, with
/// nothing that they said.
async fn has_declared(db: &impl ConnectionTrait, person: PersonId) -> Result<bool, DbErr> {
    let last = health_code::last_comparison(db, person).await?;
    Ok(last.is_some_and(|last| last.declaration_id.is_some()))
}

/// Let a worker on who declared and was compared, where the case waits for that.
async fn let_on(deps: &Deps, row: &Model) -> Result<(), Error> {
    let Some(person) = row.person_id else {
        return Ok(permits::look_at(&deps.db, row.id, None).await?);
    };
    let tx = begin_write(&deps.db).await?;
    identity::lock(&tx, person).await?;
    // It may have ended while this waited, and is forgotten then at its own time.
    let current = permits::find(&tx, row.id).await?;
    if current.is_none_or(|row| row.ended_at.is_some() || row.outcome.is_some()) {
        return Ok(());
    }
    let case = review::case_about(&tx, CaseSubject::WorkPermit, row.id.0).await?;
    let waits = case_at(&tx, row.id, stages::DECLARATION).await?;
    match (waits, case) {
        (Some(case), _) if has_declared(&tx, person).await? => {
            let what = Move {
                action: CaseAction::Answer,
                reason: None,
                text: None,
            };
            permits::look_at(&tx, row.id, None).await?;
            Box::pin(review::act(&tx, deps, &case, By::System, what)).await?;
        }
        (Some(_), _) => {
            let again = deps.clock.now() + LOOKED_FOR;
            permits::look_at(&tx, row.id, Some(again)).await?;
        }
        (None, _) => permits::look_at(&tx, row.id, None).await?,
    }
    Ok(tx.commit().await?)
}
