//! Use cases: agree to be aboard, refuse, leave (T2).

use chrono::{DateTime, Utc};
use entity::{
    values::{AboardEnding, AboardId, PersonId, VehicleApplicationState},
    vehicle_aboard::Model,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    aboard::refuse_known,
    error::Error,
    reading,
    rules::ASKED,
    store::{aboard, applications, passes},
    views::VehicleInvitationView,
};
use crate::{
    audit::{self, Actor, Event, VehicleEvent},
    deps::Deps,
    http::idempotency::{self, Answer, IdempotencyKey, Outcome},
    identity::{self, Citizen},
};

/// What `citizen` was asked, by their phone, or agreed to.
async fn theirs(
    tx: &impl ConnectionTrait,
    deps: &Deps,
    person: PersonId,
    id: AboardId,
) -> Result<Model, Error> {
    let place = aboard::find(tx, id).await?;
    let phone = identity::phone_keys_of(tx, deps, person).await?;
    let place = place.filter(|place| match (&place.person_id, &place.phone_index) {
        (Some(agreed), _) => *agreed == person,
        (None, Some(index)) => phone.contains(index),
        (None, None) => false,
    });
    place.ok_or(Error::NotFound)
}

/// The same; or the place of somebody whom the citizen acts for.
async fn theirs_or_dependants(
    tx: &impl ConnectionTrait,
    deps: &Deps,
    person: PersonId,
    id: AboardId,
) -> Result<Model, Error> {
    let place = aboard::find(tx, id).await?;
    if let Some(taken_by) = place.as_ref().and_then(|place| place.person_id)
        && identity::dependants_of(tx, person)
            .await?
            .contains(&taken_by)
    {
        return place.ok_or(Error::NotFound);
    }
    theirs(tx, deps, person, id).await
}

/// Agree to be aboard. Only who is verified may: the police compare names.
pub(super) async fn agree(
    deps: &Deps,
    citizen: Citizen,
    id: AboardId,
    key: &IdempotencyKey,
) -> Result<Answer, Error> {
    let person = citizen.person;
    let effect = async |tx: &DatabaseTransaction| {
        let place = theirs(tx, deps, person, id).await?;
        if identity::verified_at(tx, person).await?.is_none() {
            return Err(identity::Error::NotVerified.into());
        }
        let row = applications::lock(tx, place.application_id).await?;
        let row = row.ok_or(Error::NotFound)?;
        let now = deps.clock.now();
        if row.state != VehicleApplicationState::Draft || is_over(&place, now) {
            return Err(Error::InvitationOver);
        }
        let known = aboard::of(tx, row.id).await?;
        refuse_known(&known, |other| other.person_id == Some(person))?;
        if !aboard::agree(tx, place.id, person, now).await? {
            return Err(Error::InvitationOver);
        }
        let event = Event::Vehicle(VehicleEvent::VehicleRideAgreed {
            application: row.id,
            place: place.id,
        });
        audit::record(tx, deps, Actor::Person(person), person, &event).await?;
        let agreed = Model {
            person_id: Some(person),
            agreed_at: Some(now),
            ..place
        };
        let view = reading::invitation(tx, deps, &agreed, row, (None, person)).await?;
        Ok((Outcome::Found, view))
    };
    let caller = person.0.as_bytes();
    idempotency::once(deps, caller, "agree-to-ride", key, &id, effect).await
}

fn is_over(place: &Model, now: DateTime<Utc>) -> bool {
    place.ended_at.is_some() || place.asked_at + ASKED <= now
}

/// Do not be aboard, or not any more: a pass counts for the others from now on, if one of them drives.
/// Whoever acts for somebody leaves for them.
pub(super) async fn refuse(
    deps: &Deps,
    citizen: Citizen,
    id: AboardId,
    key: &IdempotencyKey,
) -> Result<Answer, Error> {
    let person = citizen.person;
    let effect = async |tx: &DatabaseTransaction| {
        let place = theirs_or_dependants(tx, deps, person, id).await?;
        let leaves = place.person_id.unwrap_or(person);
        let row = applications::lock(tx, place.application_id).await?;
        let row = row.ok_or(Error::NotFound)?;
        let now = deps.clock.now();
        let ending = match place.agreed_at {
            Some(_) => AboardEnding::Left,
            None => AboardEnding::Refused,
        };
        // While they are counted among those aboard.
        passes::look_now(tx, leaves, now).await?;
        if !aboard::end(tx, place.id, ending, now).await? {
            return Err(Error::InvitationOver);
        }
        let event = Event::Vehicle(VehicleEvent::VehicleRideEnded {
            application: row.id,
            place: place.id,
            ending,
        });
        audit::record(tx, deps, Actor::Person(person), leaves, &event).await?;
        let ended = Model {
            ended_at: Some(now),
            ending: Some(ending),
            ..place
        };
        let view = reading::invitation(tx, deps, &ended, row, (None, person)).await?;
        Ok((Outcome::Found, view))
    };
    let caller = person.0.as_bytes();
    idempotency::once(deps, caller, "refuse-to-ride", key, &id, effect).await
}

/// Where `citizen`, or somebody whom they act for, is aboard, or was asked to be, newest first.
pub(super) async fn mine(
    deps: &Deps,
    citizen: &Citizen,
) -> Result<Vec<VehicleInvitationView>, Error> {
    let (db, now) = (&deps.db, deps.clock.now());
    let phone = identity::phone_keys_of(db, deps, citizen.person).await?;
    let mut people = identity::dependants_of(db, citizen.person).await?;
    people.push(citizen.person);
    let places = aboard::of_people(db, &people, &phone).await?;
    let open = places
        .into_iter()
        .filter(|place| place.agreed_at.is_some() || !is_over(place, now));
    let open: Vec<Model> = open.collect();
    let ids = open.iter().map(|place| place.application_id);
    let granted = passes::of_applications(db, ids).await?;
    let mut views = Vec::with_capacity(open.len());
    for place in &open {
        let Some(row) = applications::find(db, place.application_id).await? else {
            continue;
        };
        let pass = granted.iter().find(|pass| pass.application_id == row.id);
        views.push(reading::invitation(db, deps, place, row, (pass, citizen.person)).await?);
    }
    Ok(views)
}
