//! Use cases: let somebody see a pass once, and see it (T9). Nothing can be listed: whoever has no text
//! sees nothing, and whoever has one sees one pass, once.

use std::time::Duration;

use chrono::TimeDelta;
use entity::{
    values::{AuthorisationId, VehiclePassId},
    vehicle_authorisation::Model,
};
use sea_orm::DatabaseTransaction;

use super::{
    caller::Caller,
    error::Error,
    passes as showing,
    rules::Standing,
    standing,
    store::{authorisations, passes},
    views::{RecognisedVehiclePassView, VehicleAuthorisationView},
};
use crate::{
    audit::{self, Actor, Event},
    deps::Deps,
    http::{
        client::ClientAddress,
        idempotency::{self, Answer, IdempotencyKey, Outcome},
    },
    identity,
    platform::{
        OneTime,
        db::begin_write,
        ephemeral::{Admission, Quota},
        one_time,
    },
    regions,
};

/// Leave to see one pass that may be used at a time, at the most.
const MOST: u64 = 10;
/// Texts that one address may try in a minute.
const TRIES: u32 = 20;
/// For so long after it was over it is known that leave was given.
const REMEMBERED: TimeDelta = TimeDelta::days(30);
/// Forgotten in one go.
const BATCH: u64 = 500;

/// Let whoever has the answer's text see a pass of the caller, once, within `minutes`.
pub(super) async fn authorise(
    deps: &Deps,
    caller: &Caller,
    id: VehiclePassId,
    minutes: u32,
    key: &IdempotencyKey,
) -> Result<Answer, Error> {
    let effect = async |tx: &DatabaseTransaction| {
        let pass = showing::own(tx, deps, caller, id).await?;
        identity::lock(tx, pass.person_id).await?;
        let now = deps.clock.now();
        let (standing, _) = standing::standing_of(tx, deps, &pass, now).await?;
        if !matches!(
            standing,
            Standing::Good | Standing::NotYet | Standing::Suspended
        ) {
            return Err(Error::NotInForce);
        }
        if authorisations::count(tx, id, now).await? >= MOST {
            return Err(Error::TooManyAuthorisations);
        }
        let text = OneTime::new(&*deps.entropy);
        let row = Model {
            id: AuthorisationId(deps.entropy.id()),
            pass_id: id,
            digest: text.digest(),
            made_at: now,
            expires_at: now + TimeDelta::minutes(minutes.into()),
            used_at: None,
        };
        let event = Event::VehiclePassAuthorised {
            pass: id,
            authorisation: row.id,
        };
        audit::record(tx, deps, caller.actor(), pass.person_id, &event).await?;
        let view = VehicleAuthorisationView {
            authorisation: text.reveal().to_owned(),
            expires_at: row.expires_at,
        };
        authorisations::insert(tx, row).await?;
        Ok((Outcome::Created, view))
    };
    let asked = (id, minutes);
    let operation = "authorise-vehicle-pass";
    idempotency::once(deps, &caller.key(), operation, key, &asked, effect).await
}

/// What the pass that `text` opens says now. The text opens it this once.
pub(super) async fn recognise(
    deps: &Deps,
    client: ClientAddress,
    text: &str,
) -> Result<RecognisedVehiclePassView, Error> {
    admit(deps, client).await?;
    let digest = one_time::digest_of(text.as_bytes()).ok_or(Error::NotAuthorised)?;
    let now = deps.clock.now();
    let tx = begin_write(&deps.db).await?;
    let leave = authorisations::with_digest(&tx, &digest).await?;
    let leave = leave.ok_or(Error::NotAuthorised)?;
    if !authorisations::take(&tx, leave.id, now).await? {
        return Err(Error::NotAuthorised);
    }
    let pass = passes::find(&tx, leave.pass_id).await?;
    let pass = pass.ok_or(Error::NotAuthorised)?;
    let event = Event::VehiclePassRecognised {
        pass: pass.id,
        authorisation: leave.id,
    };
    audit::record(&tx, deps, Actor::System, pass.person_id, &event).await?;
    // Read before it is used up: a failure burns no text.
    let view = showing::view(&tx, deps, pass, false).await?;
    tx.commit().await?;
    Ok(RecognisedVehiclePassView {
        number: view.number,
        title: view.title,
        vehicle: view.vehicle,
        holder: view.holder,
        issued_by: regions::full_name(&view.division),
        route: view.route,
        hours: view.hours,
        aboard: view.people.len(),
        valid_from: view.valid_from,
        valid_until: view.valid_until,
        standing: view.standing,
        checked_at: now,
    })
}

/// Texts have 256 random bits; the bound is for whoever asks in vain.
async fn admit(deps: &Deps, client: ClientAddress) -> Result<(), Error> {
    let key = format!("{{{}}}:recognitions", client.machine());
    let quota = Quota::new(key, TRIES, Duration::from_mins(1));
    match deps.ephemeral.hit(&[quota]).await? {
        Admission::Refused { retry_after, .. } => Err(Error::TooManyAttempts(retry_after)),
        Admission::Admitted => Ok(()),
    }
}

/// Forget some of the leave that was over long ago. Returns how many.
pub(super) async fn forget_old(deps: &Deps) -> Result<u64, Error> {
    let since = deps.clock.now() - REMEMBERED;
    Ok(authorisations::forget(&deps.db, since, BATCH).await?)
}
