//! Use cases: let somebody see a pass once, and see it (T9). Nothing can be listed: whoever has no text
//! sees nothing, and whoever has one sees one pass, once.

use std::time::Duration;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::{Engine, prelude::BASE64_STANDARD};
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
    requests::RecognitionRequest,
    rules::Standing,
    standing,
    store::{authorisations, passes},
    views::{RecognisedVehiclePassView, VehicleAuthorisationView},
};
use crate::{
    audit::{self, Actor, Event, VehicleEvent},
    config::Counterpart,
    deps::Deps,
    http::{
        client::ClientAddress,
        idempotency::{self, Answer, IdempotencyKey, Outcome},
    },
    identity,
    notifications::{self, Message, Reference},
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
/// What a counterpart signs, before its short name and the text.
const SIGNED: &str = "tongxing-recognition-v1\n";
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
            used_by: None,
        };
        let event = Event::Vehicle(VehicleEvent::VehiclePassAuthorised {
            pass: id,
            authorisation: row.id,
        });
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

/// What the pass that the request's text opens says now. The text opens it this once, and its holder is told.
pub(super) async fn recognise(
    deps: &Deps,
    client: ClientAddress,
    request: &RecognitionRequest,
) -> Result<RecognisedVehiclePassView, Error> {
    admit(deps, client).await?;
    let by = signer(deps, request)?;
    let text = &request.authorisation;
    let digest = one_time::digest_of(text.as_bytes()).ok_or(Error::NotAuthorised)?;
    let now = deps.clock.now();
    let tx = begin_write(&deps.db).await?;
    let leave = authorisations::with_digest(&tx, &digest).await?;
    let leave = leave.ok_or(Error::NotAuthorised)?;
    let pass = passes::find(&tx, leave.pass_id).await?;
    let pass = pass.ok_or(Error::NotAuthorised)?;
    identity::lock(&tx, pass.person_id).await?;
    let id = by.map(|counterpart| counterpart.id.clone());
    if !authorisations::take(&tx, leave.id, id.clone(), now).await? {
        return Err(Error::NotAuthorised);
    }
    let event = Event::Vehicle(VehicleEvent::VehiclePassRecognised {
        pass: pass.id,
        authorisation: leave.id,
        by: id,
    });
    audit::record(&tx, deps, Actor::System, pass.person_id, &event).await?;
    if let Ok(number) = Reference::parse(&pass.number) {
        let message = Message::PassRecognised {
            pass: number,
            by: by.map(|counterpart| counterpart.name.clone()),
            at: now,
        };
        notifications::tell(&tx, deps, pass.person_id, &message).await?;
    }
    // Read before it is used up: a failure burns no text.
    let view = showing::view(&tx, deps, pass, false).await?;
    tx.commit().await?;
    deps.outbox.wake();
    Ok(RecognisedVehiclePassView {
        number: view.number,
        title: view.title,
        vehicle: view.vehicle,
        temporary_number: view.temporary_number,
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

/// Who signed `request`. None: nobody, where nobody has to. A text is used once, so that no signature is good a
/// second time.
fn signer<'a>(
    deps: &'a Deps,
    request: &RecognitionRequest,
) -> Result<Option<&'a Counterpart>, Error> {
    let config = &deps.vehicle_passes;
    let Some(said) = &request.counterpart else {
        let anybody = config.unsigned_recognition.then_some(None);
        return anybody.ok_or(Error::NotSigned);
    };
    let mut known = config.counterparts.iter();
    let known = known.find(|known| known.id == said.id);
    let signature = BASE64_STANDARD.decode(&said.signature).ok();
    let signed = [SIGNED, &said.id, "\n", &request.authorisation].concat();
    let fits = known.zip(signature).is_some_and(|(known, signature)| {
        let key = UnparsedPublicKey::new(&ED25519, known.public_key.0);
        key.verify(signed.as_bytes(), &signature).is_ok()
    });
    known.filter(|_| fits).map(Some).ok_or(Error::NotSigned)
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
