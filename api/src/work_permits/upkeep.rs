//! Use case: what becomes of workers and permits by themselves.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    values::{CaseAction, Colour, PersonId},
    work_permit::{ActiveModel, Model},
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbErr};

use super::{
    batches::case_at, error::Error, opening, permits as issuing, rules::REMINDED_BEFORE,
    sealed::Content, stages, store::permits,
};
use crate::{
    deps::Deps,
    health_code,
    http::problem::{Fault, UNAVAILABLE},
    identity,
    notifications::{self, Message, Reference},
    organisations,
    platform::{clock::local_date, db::begin_write},
    review::{self, By, Move},
};

/// Rows looked at in one go.
const BATCH: u64 = 200;

/// How long a row is left alone that could not be looked at.
const PAUSE: TimeDelta = TimeDelta::hours(1);

/// How often it is looked whether a worker has declared.
const LOOKED_FOR: TimeDelta = TimeDelta::minutes(1);

/// Look at the rows that are due: open the cases of workers who are known, let on those who declared, tell
/// whose permits count no more for now or count again, remind of those that end, end them, and forget what is
/// needed no more. Returns how many were looked at.
pub(super) async fn look_after(deps: &Deps) -> Result<u64, Error> {
    let rows = permits::due(&deps.db, deps.clock.now(), BATCH).await?;
    let unopened = |row: &Model| row.opened_at.is_none() && row.ended_at.is_none();
    let (waiting, others): (Vec<Model>, Vec<Model>) = rows.into_iter().partition(unopened);
    let mut looked = u64::try_from(waiting.len()).unwrap_or(u64::MAX);
    if !waiting.is_empty() {
        opening::open_known(deps, waiting).await?;
    }
    for row in others {
        match look_at(deps, &row).await {
            Ok(done) => looked += u64::from(done),
            Err(error) if error.kind() == UNAVAILABLE => return Err(error),
            // It is looked at again later, and holds up no other.
            Err(error) => {
                tracing::error!(
                    permit = %row.id,
                    error = &error as &dyn std::error::Error,
                    "permit {} cannot be looked after", row.id
                );
                let later = looked_at_again(Some(deps.clock.now() + PAUSE));
                permits::looked_after(&deps.db, &row, later).await?;
            }
        }
    }
    if looked > 0 {
        deps.outbox.wake();
    }
    Ok(looked)
}

/// Look at one. `false` if somebody else did.
async fn look_at(deps: &Deps, seen: &Model) -> Result<bool, Error> {
    let employers = match seen.valid_until {
        Some(_) => organisations::who_act_for(&deps.db, seen.organisation_id).await?,
        None => Vec::new(),
    };
    let tx = begin_write(&deps.db).await?;
    // In one order, whoever tells whom.
    for person in whom_it_concerns(seen, &employers) {
        identity::lock(&tx, person).await?;
    }
    // Whoever had the worker before may have ended it: then it is due at another time.
    let row = permits::find(&tx, seen.id).await?;
    let Some(row) = row.filter(|row| row.due_at == seen.due_at) else {
        return Ok(false);
    };
    let done = match (row.outcome, row.valid_until) {
        (None, _) if row.ended_at.is_none() => let_on(&tx, deps, &row).await?,
        (Some(_), Some(until)) if row.ended_at.is_none() => {
            in_its_days(&tx, deps, &row, until, &employers).await?
        }
        _ => permits::looked_after(&tx, &row, forgotten()).await?,
    };
    if done {
        tx.commit().await?;
    }
    Ok(done)
}

/// The worker and who acts for the employer, each once, in the order in which people are locked.
fn whom_it_concerns(row: &Model, employers: &[PersonId]) -> BTreeSet<PersonId> {
    employers.iter().copied().chain(row.person_id).collect()
}

/// What the form says of the worker is needed no more.
fn forgotten() -> ActiveModel {
    ActiveModel {
        content: Set(None),
        due_at: Set(None),
        ..Default::default()
    }
}

/// It is looked at again then, if at all.
fn looked_at_again(at: Option<DateTime<Utc>>) -> ActiveModel {
    ActiveModel {
        due_at: Set(at),
        ..Default::default()
    }
}

/// A permit that was issued: tell whether it counts, remind of its end, and let the worker go after it.
async fn in_its_days(
    tx: &DatabaseTransaction,
    deps: &Deps,
    row: &Model,
    until: DateTime<Utc>,
    employers: &[PersonId],
) -> Result<bool, Error> {
    let now = deps.clock.now();
    if until <= now {
        let forgotten_at = issuing::forgotten_at(deps, until);
        let over = if forgotten_at <= now {
            forgotten()
        } else {
            ActiveModel {
                held_by_worker: Set(None),
                due_at: Set(Some(forgotten_at)),
                ..Default::default()
            }
        };
        return Ok(permits::looked_after(tx, row, over).await?);
    }
    let Some(worker) = row.person_id else {
        return Ok(permits::looked_after(tx, row, looked_at_again(Some(until))).await?);
    };
    let live = health_code::live_colour_by(tx, deps, worker, now).await?;
    let green = live.is_some_and(|live| live.colour == Colour::Green);
    let reminded_at = until - REMINDED_BEFORE;
    let remind = reminded_at <= now && row.reminded_at.is_none();
    let found = ActiveModel {
        stood: Set(green),
        reminded_at: Set(row.reminded_at.or(remind.then_some(now))),
        due_at: Set(Some(if now < reminded_at {
            reminded_at
        } else {
            until
        })),
        ..Default::default()
    };
    if !permits::looked_after(tx, row, found).await? {
        return Ok(false);
    }
    if green != row.stood {
        tell_standing(tx, deps, row, employers).await?;
    }
    if let Some(message) = reminder(row).filter(|_| remind) {
        notifications::tell(tx, deps, worker, &message).await?;
    }
    Ok(true)
}

/// Tell the worker and whoever acts for the employer that the permit counts no more for now, or counts again;
/// nobody why.
async fn tell_standing(
    tx: &DatabaseTransaction,
    deps: &Deps,
    row: &Model,
    employers: &[PersonId],
) -> Result<(), Error> {
    let number = row.number.as_deref();
    let Some(pass) = number.and_then(|number| Reference::parse(number).ok()) else {
        return Ok(());
    };
    let (stands, at) = (!row.stood, deps.clock.now());
    let holder = Content::open(deps, row)?.map(|content| content.masked_name());
    for person in whom_it_concerns(row, employers) {
        let message = Message::PassStanding {
            pass: pass.clone(),
            stands,
            at,
            holder: holder.clone().filter(|_| Some(person) != row.person_id),
        };
        notifications::tell(tx, deps, person, &message).await?;
    }
    Ok(())
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
async fn let_on(tx: &DatabaseTransaction, deps: &Deps, row: &Model) -> Result<bool, Error> {
    let waits = case_at(tx, row.id, stages::DECLARATION).await?;
    let declared = match row.person_id {
        Some(person) if waits.is_some() => has_declared(tx, person).await?,
        _ => false,
    };
    let waits_on = waits.is_some() && !declared;
    let again = waits_on.then(|| deps.clock.now() + LOOKED_FOR);
    if !permits::looked_after(tx, row, looked_at_again(again)).await? {
        return Ok(false);
    }
    if let Some(case) = waits.filter(|_| declared) {
        let what = Move {
            action: CaseAction::Answer,
            reason: None,
            text: None,
        };
        Box::pin(review::act(tx, deps, &case, By::System, what)).await?;
    }
    Ok(true)
}
