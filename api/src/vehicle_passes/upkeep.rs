//! What sweeps do: tell holders how their passes stand, ask the registry, forget drafts.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{
    vehicle_application,
    vehicle_pass::{ActiveModel, Model},
};
use sea_orm::ActiveValue::Set;

use super::{
    drafting,
    error::Error,
    form::Asked,
    rules::{RENEWED_WITHIN, Standing},
    standing,
    store::{applications, passes},
    submitting,
    views::RegistryAnswer,
};
use crate::{
    audit::{self, Actor, Event, VehicleEvent},
    deps::Deps,
    http::problem::{Fault, UNAVAILABLE},
    identity,
    notifications::{self, Message, Reference},
    platform::{
        clock::{local_date, midnight},
        db::begin_write,
    },
};

/// Looked after in one go.
const BATCH: u64 = 200;
/// How long a row is left alone that could not be looked after.
const PAUSE: TimeDelta = TimeDelta::hours(1);

/// Look after the passes that are due. Returns how many.
pub(super) async fn look_after(deps: &Deps) -> Result<u64, Error> {
    let mut looked = 0;
    for pass in passes::due(&deps.db, deps.clock.now(), BATCH).await? {
        match look_at(deps, &pass).await {
            Ok(done) => looked += u64::from(done),
            Err(error) if error.kind() == UNAVAILABLE => return Err(error),
            // It is looked at again later, and holds up no other.
            Err(error) => {
                tracing::error!(
                    pass = %pass.id,
                    error = &error as &dyn std::error::Error,
                    "vehicle pass {} cannot be looked after", pass.id
                );
                let later = ActiveModel {
                    due_at: Set(Some(deps.clock.now() + PAUSE)),
                    ..Default::default()
                };
                passes::looked_after(&deps.db, &pass, later).await?;
            }
        }
    }
    if looked > 0 {
        deps.outbox.wake();
    }
    Ok(looked)
}

/// Look at one: ask until when its vehicle is inspected, tell whether it counts, remind of its end. `false`
/// if somebody else did.
async fn look_at(deps: &Deps, pass: &Model) -> Result<bool, Error> {
    let now = deps.clock.now();
    let inspected_until = inspection(deps, pass, now).await?;
    let looked_at = Model {
        inspected_until,
        ..pass.clone()
    };
    let tx = begin_write(&deps.db).await?;
    identity::lock(&tx, pass.person_id).await?;
    let (standing, _) = standing::standing_of(&tx, deps, &looked_at, now).await?;
    let stands = match standing {
        Standing::Good | Standing::NotYet => Some(true),
        Standing::Suspended => Some(false),
        Standing::Expired | Standing::Revoked | Standing::Cancelled | Standing::Superseded => None,
    };
    let remind = stands.is_some() && is_ending(pass, now) && pass.reminded_at.is_none();
    let found = ActiveModel {
        inspected_until: Set(inspected_until),
        stood: Set(stands.unwrap_or(pass.stood)),
        reminded_at: Set(pass.reminded_at.or(remind.then_some(now))),
        due_at: Set(stands.and_then(|_| next_look(&looked_at, now))),
        ..Default::default()
    };
    if !passes::looked_after(&tx, pass, found).await? {
        return Ok(false);
    }
    if let Some(stands) = stands
        && stands != pass.stood
        && let Some(message) = standing_changed(pass, stands, now)
    {
        notifications::tell(&tx, deps, pass.person_id, &message).await?;
    }
    if remind && let Some(message) = reminder(pass) {
        notifications::tell(&tx, deps, pass.person_id, &message).await?;
    }
    tx.commit().await?;
    Ok(true)
}

fn is_ending(pass: &Model, now: DateTime<Utc>) -> bool {
    pass.valid_until - now <= RENEWED_WITHIN / 3
}

/// When to look at `pass` again: on each morning, and at its end.
fn next_look(pass: &Model, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let tomorrow = local_date(now).succ_opt().map(midnight);
    tomorrow.map(|tomorrow| tomorrow.min(pass.valid_until.max(now + TimeDelta::minutes(1))))
}

/// Until when the vehicle of `pass` is inspected: asked of the registry where that is about to end.
async fn inspection(
    deps: &Deps,
    pass: &Model,
    now: DateTime<Utc>,
) -> Result<Option<NaiveDate>, Error> {
    let Some(last) = pass.inspected_until else {
        return Ok(None);
    };
    let ends = last <= local_date(now) && now < pass.valid_until;
    if !ends {
        return Ok(Some(last));
    }
    let row = applications::find(&deps.db, pass.application_id).await?;
    let asked: Option<Asked> = row
        .as_ref()
        .map(submitting::asked_by)
        .transpose()?
        .flatten();
    let Some(asked) = asked else {
        return Ok(Some(last));
    };
    Ok(match super::checking::registry(deps, &asked).await {
        RegistryAnswer::Registered {
            inspected_until, ..
        } => Some(inspected_until.max(last)),
        _ => Some(last),
    })
}

/// That `pass` counts no more, or counts again.
pub(super) fn standing_changed(pass: &Model, stands: bool, at: DateTime<Utc>) -> Option<Message> {
    Some(Message::PassStanding {
        pass: Reference::parse(&pass.number).ok()?,
        stands,
        at,
        holder: None,
    })
}

fn reminder(pass: &Model) -> Option<Message> {
    let last_moment = pass.valid_until - TimeDelta::milliseconds(1);
    Some(Message::PassExpiring {
        pass: Reference::parse(&pass.number).ok()?,
        last_day: local_date(last_moment),
    })
}

/// Ask the registry about applications for which it did not answer. Returns how many it answered now.
pub(super) async fn ask_registry(deps: &Deps) -> Result<u64, Error> {
    let mut answered = 0;
    for row in applications::to_ask(&deps.db, deps.clock.now(), BATCH).await? {
        match submitting::ask_again(deps, &row).await {
            Ok(done) => answered += u64::from(done),
            Err(error) if error.kind() == UNAVAILABLE => return Err(error),
            // It is tried again later, and holds up no other.
            Err(error) => {
                tracing::error!(
                    application = %row.id,
                    error = &error as &dyn std::error::Error,
                    "application {} cannot be looked up", row.id
                );
                applications::ask_later(&deps.db, &row, deps.clock.now() + PAUSE).await?;
            }
        }
    }
    if answered > 0 {
        deps.outbox.wake();
    }
    Ok(answered)
}

/// Forget drafts that nobody went on with. Returns how many.
pub(super) async fn forget_drafts(deps: &Deps) -> Result<u64, Error> {
    let since = deps.clock.now() - TimeDelta::days(deps.vehicle_passes.draft_days.into());
    let mut forgotten = 0;
    for draft in applications::abandoned(&deps.db, since, BATCH).await? {
        forgotten += u64::from(forget(deps, &draft, since).await?);
    }
    Ok(forgotten)
}

/// Forget applications that were decided on long ago and whose passes are as long over, with all that belongs to
/// both: people aboard, uploads, leave to see them. Numbers are not given anew. Returns how many.
pub(super) async fn forget_decided(deps: &Deps) -> Result<u64, Error> {
    let since = deps.clock.now() - TimeDelta::days(deps.vehicle_passes.kept_days.into());
    let mut forgotten = 0;
    for row in applications::done_with(&deps.db, since, BATCH).await? {
        let tx = begin_write(&deps.db).await?;
        let application = row.id;
        let event = Event::Vehicle(VehicleEvent::VehicleApplicationForgotten { application });
        audit::record(&tx, deps, Actor::System, row.applied_by, &event).await?;
        passes::forget(&tx, application).await?;
        drafting::forget(&tx, deps, Actor::System, &row).await?;
        tx.commit().await?;
        forgotten += 1;
    }
    applications::forget_vehicles(&deps.db, since).await?;
    Ok(forgotten)
}

async fn forget(
    deps: &Deps,
    draft: &vehicle_application::Model,
    since: DateTime<Utc>,
) -> Result<bool, Error> {
    let tx = begin_write(&deps.db).await?;
    let row = applications::lock(&tx, draft.id).await?;
    let is_draft = entity::values::VehicleApplicationState::Draft;
    let row = row.filter(|row| row.state == is_draft && row.saved_at < since);
    let Some(row) = row else {
        return Ok(false);
    };
    drafting::forget(&tx, deps, Actor::System, &row).await?;
    tx.commit().await?;
    Ok(true)
}
