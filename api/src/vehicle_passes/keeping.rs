//! Use cases: change a pass, renew it, give it up, take it back (T8).

use entity::{
    values::{
        AboardId, VehicleApplicationId, VehicleApplicationKind, VehicleApplicationState,
        VehiclePassId, VehiclePassVoid, VehicleRevocation,
    },
    vehicle_aboard, vehicle_application,
    vehicle_pass::Model,
};
use sea_orm::DatabaseTransaction;

use super::{
    caller::{Caller, Owned},
    drafting,
    error::Error,
    passes as showing, reading,
    rules::{RENEWED_WITHIN, Standing},
    standing,
    store::{
        aboard,
        applications::{self, Whose},
        passes::{self, Ending},
    },
    types,
    upkeep::standing_changed,
    views::{VehicleApplicationView, VehiclePassView},
};
use crate::{
    audit::{self, Actor, Event, VehicleEvent},
    deps::Deps,
    http::idempotency::{self, Answer, IdempotencyKey, Outcome},
    identity, notifications,
    platform::db::begin_write,
    staff::Staff,
};

/// Begin an application for a pass in the place of `id`, filled in as that one is.
///
/// A change has the same days; a renewal begins anew, within the last seven days of the one before. Those
/// aboard are asked again, but for whom the caller acts for.
pub(super) async fn succeed(
    deps: &Deps,
    caller: &Caller,
    id: VehiclePassId,
    kind: VehicleApplicationKind,
    key: &IdempotencyKey,
) -> Result<Answer, Error> {
    let effect = async |tx: &DatabaseTransaction| {
        let pass = showing::own(tx, deps, caller, id).await?;
        let person = caller.person(tx).await?;
        identity::lock(tx, person).await?;
        let now = deps.clock.now();
        let (standing, _) = standing::standing_of(tx, deps, &pass, now).await?;
        refuse_ended(standing)?;
        if kind == VehicleApplicationKind::Renewal && pass.valid_until - now > RENEWED_WITHIN {
            return Err(Error::RenewedTooEarly);
        }
        let before = applications::find(tx, pass.application_id).await?;
        let before = before.ok_or(Error::NotFound)?;
        let of_type = types::newest(tx, &pass.type_key).await?;
        let whose = match pass.unit() {
            Some(unit) => Whose::Unit(unit),
            None => Whose::Person(person),
        };
        let change = kind == VehicleApplicationKind::Change;
        let row = vehicle_application::Model {
            id: VehicleApplicationId(deps.entropy.id()),
            kind,
            state: VehicleApplicationState::Draft,
            type_version: of_type.version,
            applied_by: person,
            created_at: now,
            saved_at: now,
            agreed_at: None,
            hours: before.hours.clone().filter(|_| change),
            purpose: None,
            predecessor: Some(pass.id),
            submitted_at: None,
            findings: None,
            ask_at: None,
            outcome: None,
            closed_at: None,
            ..before
        };
        let application = row.id;
        let (outcome, _) = drafting::insert(tx, deps, whose, row).await?;
        for place in aboard::of(tx, pass.application_id).await? {
            let own = own_seat(tx, caller, &place).await?;
            if own || place.phone.is_some() {
                aboard::insert(tx, asked_again(deps, application, place, own)?).await?;
            }
        }
        let row = applications::find(tx, application).await?;
        let row = row.ok_or(Error::NotFound)?;
        let view: VehicleApplicationView = reading::application(tx, deps, row).await?;
        Ok((outcome, view))
    };
    let asked = (id, kind);
    let operation = "succeed-vehicle-pass";
    idempotency::once(deps, &caller.key(), operation, key, &asked, effect).await
}

/// Whether it is the caller who took `place`, or somebody whom they act for: they need not be asked.
async fn own_seat(
    tx: &DatabaseTransaction,
    caller: &Caller,
    place: &vehicle_aboard::Model,
) -> Result<bool, Error> {
    let named = place.person_id.filter(|_| place.phone.is_none());
    match named {
        Some(person) => super::aboard::speaks_for(tx, caller, person).await,
        None => Ok(false),
    }
}

/// The place of somebody in a later application: they agree anew, unless it is the caller's `own`.
fn asked_again(
    deps: &Deps,
    application: VehicleApplicationId,
    place: vehicle_aboard::Model,
    own: bool,
) -> Result<vehicle_aboard::Model, Error> {
    let id = AboardId(deps.entropy.id());
    let now = deps.clock.now();
    let phone = match &place.phone {
        Some(sealed) => {
            let before = super::aboard::PHONE.owned_by(place.id.0.as_bytes());
            let text = deps.vault.open(before, sealed)?;
            let after = super::aboard::PHONE.owned_by(id.0.as_bytes());
            Some(deps.vault.seal(after, &text, &*deps.entropy)?)
        }
        None => None,
    };
    Ok(vehicle_aboard::Model {
        id,
        application_id: application,
        person_id: place.person_id.filter(|_| own),
        phone,
        asked_at: now,
        agreed_at: own.then_some(now),
        tell_at: (!own).then_some(now),
        ..place
    })
}

fn refuse_ended(standing: Standing) -> Result<(), Error> {
    match standing {
        Standing::Good | Standing::NotYet | Standing::Suspended => Ok(()),
        Standing::Expired | Standing::Revoked | Standing::Cancelled | Standing::Superseded => {
            Err(Error::NotInForce)
        }
    }
}

/// Give up a pass, for good.
pub(super) async fn cancel(
    deps: &Deps,
    caller: &Caller,
    id: VehiclePassId,
    key: &IdempotencyKey,
) -> Result<Answer, Error> {
    let effect = async |tx: &DatabaseTransaction| {
        let pass = showing::own(tx, deps, caller, id).await?;
        identity::lock(tx, pass.person_id).await?;
        let how = (VehiclePassVoid::Cancelled, None);
        let view = end(tx, deps, caller.actor(), &pass, how).await?;
        Ok((Outcome::Found, view))
    };
    let operation = "cancel-vehicle-pass";
    idempotency::once(deps, &caller.key(), operation, key, &id, effect).await
}

/// Take a pass back, where `staff` decide. It counts no more, at once and everywhere.
pub(super) async fn revoke(
    deps: &Deps,
    staff: &Staff,
    id: VehiclePassId,
    reason: VehicleRevocation,
) -> Result<VehiclePassView, Error> {
    let tx = begin_write(&deps.db).await?;
    let pass = showing::in_charge(&tx, staff, id).await?;
    identity::lock(&tx, pass.person_id).await?;
    let how = (VehiclePassVoid::Revoked, Some(reason));
    let actor = Actor::Staff(staff.account);
    let view = end(&tx, deps, actor, &pass, how).await?;
    let now = deps.clock.now();
    if let Some(message) = standing_changed(&pass, false, now) {
        notifications::tell(&tx, deps, pass.person_id, &message).await?;
    }
    tx.commit().await?;
    deps.outbox.wake();
    Ok(view)
}

/// End `pass` now. Its applicant is locked.
async fn end(
    tx: &DatabaseTransaction,
    deps: &Deps,
    actor: Actor,
    pass: &Model,
    (void, revocation): (VehiclePassVoid, Option<VehicleRevocation>),
) -> Result<VehiclePassView, Error> {
    let now = deps.clock.now();
    let ending = Ending {
        void,
        from: now,
        revocation,
    };
    if !passes::end(tx, pass.id, ending, now).await? {
        return Err(Error::NotInForce);
    }
    let event = Event::Vehicle(VehicleEvent::VehiclePassEnded {
        pass: pass.id,
        void,
        reason: revocation,
    });
    audit::record(tx, deps, actor, pass.person_id, &event).await?;
    let ended = passes::find(tx, pass.id).await?;
    showing::view(tx, deps, ended.ok_or(Error::NotFound)?, false).await
}
