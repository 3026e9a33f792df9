//! Use cases: ask people aboard, agree, refuse, leave (T2).
//!
//! Nobody is aboard by somebody else's word: each agrees on their own phone, or is a dependant of who
//! applies.

use chrono::{DateTime, Utc};
use entity::{
    values::{
        AboardEnding, AboardId, PersonId, Phone, VehicleApplicationId, VehicleApplicationState,
    },
    vehicle_aboard::Model,
    vehicle_application,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    caller::Caller,
    drafting,
    error::Error,
    reading,
    requests::AboardRequest,
    rules::ASKED,
    store::{aboard, applications, passes},
    types,
    views::{AboardView, VehicleApplicationView, VehicleInvitationView},
};
use crate::{
    audit::{self, Actor, Event},
    deps::Deps,
    http::idempotency::{self, Answer, IdempotencyKey, Outcome},
    identity::{self, Citizen},
    platform::{db::begin_write, vault::Column},
};

pub(super) const PHONE: Column = Column("vehicle_aboard.phone");

/// Ask somebody aboard; somebody whom the caller acts for is aboard at once.
pub(super) async fn ask(
    deps: &Deps,
    caller: &Caller,
    id: VehicleApplicationId,
    key: &IdempotencyKey,
    request: AboardRequest,
) -> Result<Answer, Error> {
    let effect = async |tx: &DatabaseTransaction| {
        let row = drafting::draft(tx, deps, caller, id).await?;
        let place = seat(tx, deps, caller, &row, &request).await?;
        aboard::insert(tx, place.clone()).await?;
        Ok((Outcome::Created, AboardView::open(tx, deps, &place).await?))
    };
    let asked = (id, &request);
    idempotency::once(deps, &caller.key(), "ask-aboard", key, &asked, effect).await
}

/// A place for whom `request` names, if there is one.
async fn seat(
    tx: &DatabaseTransaction,
    deps: &Deps,
    caller: &Caller,
    row: &vehicle_application::Model,
    request: &AboardRequest,
) -> Result<Model, Error> {
    let of_type = types::read(tx, &row.type_key, row.type_version).await?;
    let known = aboard::of(tx, row.id).await?;
    if known.len() >= usize::from(of_type.most_aboard) {
        return Err(Error::Full);
    }
    let now = deps.clock.now();
    let mut place = Model {
        id: AboardId(deps.entropy.id()),
        application_id: row.id,
        role: request.role,
        phone_index: None,
        phone: None,
        person_id: None,
        asked_at: now,
        agreed_at: None,
        ended_at: None,
        ending: None,
    };
    match (request.person, request.phone.as_deref()) {
        (Some(person), None) => {
            let person = spoken_for(tx, caller, person).await?;
            refuse_known(&known, |place| place.person_id == Some(person))?;
            place.person_id = Some(person);
            place.agreed_at = Some(now);
        }
        (None, Some(phone)) => {
            let phone = Phone::parse(phone).map_err(|_| Error::Phone)?;
            let indexes = identity::phone_keys(&deps.vault, &phone);
            refuse_known(&known, |place| {
                let index = place.phone_index.as_ref();
                index.is_some_and(|index| indexes.contains(index))
            })?;
            let owned = PHONE.owned_by(place.id.0.as_bytes());
            let text = phone.reveal().as_bytes();
            place.phone = Some(deps.vault.seal(owned, text, &*deps.entropy)?);
            place.phone_index = indexes.into_iter().next();
        }
        _ => return Err(Error::Nobody),
    }
    Ok(place)
}

fn refuse_known(known: &[Model], is: impl Fn(&Model) -> bool) -> Result<(), Error> {
    if known.iter().any(is) {
        Err(Error::KnownAboard)
    } else {
        Ok(())
    }
}

/// Whether `person` is the caller or somebody whom the caller acts for.
pub(super) async fn speaks_for(
    tx: &impl ConnectionTrait,
    caller: &Caller,
    person: PersonId,
) -> Result<bool, Error> {
    let Some(citizen) = caller.citizen() else {
        return Ok(false);
    };
    Ok(citizen == person
        || identity::dependants_of(tx, citizen)
            .await?
            .contains(&person))
}

/// `person`, if the caller speaks for them and it is known who they are.
async fn spoken_for(
    tx: &impl ConnectionTrait,
    caller: &Caller,
    person: PersonId,
) -> Result<PersonId, Error> {
    if !speaks_for(tx, caller, person).await? {
        return Err(Error::NotFound);
    }
    if identity::verified_at(tx, person).await?.is_none() {
        return Err(identity::Error::NotVerified.into());
    }
    Ok(person)
}

/// Take a place in a draft back.
pub(super) async fn remove(
    deps: &Deps,
    caller: &Caller,
    id: VehicleApplicationId,
    place: AboardId,
) -> Result<VehicleApplicationView, Error> {
    let tx = begin_write(&deps.db).await?;
    let row = drafting::draft(&tx, deps, caller, id).await?;
    let found = aboard::find(&tx, place).await?;
    let found = found.filter(|place| place.application_id == row.id);
    let found = found.ok_or(Error::NotFound)?;
    let now = deps.clock.now();
    if !aboard::end(&tx, found.id, AboardEnding::Removed, now).await? {
        return Err(Error::NotFound);
    }
    let view = reading::application(&tx, deps, row).await?;
    tx.commit().await?;
    Ok(view)
}

/// What `citizen` was asked, by their phone, or agreed to.
async fn theirs(
    tx: &impl ConnectionTrait,
    deps: &Deps,
    person: PersonId,
    id: AboardId,
) -> Result<Model, Error> {
    let phone = identity::phone_keys_of(tx, deps, person).await?;
    let place = aboard::find(tx, id).await?;
    let place = place.filter(|place| match (&place.person_id, &place.phone_index) {
        (Some(agreed), _) => *agreed == person,
        (None, Some(index)) => phone.contains(index),
        (None, None) => false,
    });
    place.ok_or(Error::NotFound)
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
        let event = Event::VehicleRideAgreed {
            application: row.id,
            place: place.id,
        };
        audit::record(tx, deps, Actor::Person(person), person, &event).await?;
        let agreed = Model {
            person_id: Some(person),
            agreed_at: Some(now),
            ..place
        };
        let view = reading::invitation(tx, deps, &agreed, row, None).await?;
        Ok((Outcome::Found, view))
    };
    let caller = person.0.as_bytes();
    idempotency::once(deps, caller, "agree-to-ride", key, &id, effect).await
}

fn is_over(place: &Model, now: DateTime<Utc>) -> bool {
    place.ended_at.is_some() || place.asked_at + ASKED <= now
}

/// Do not be aboard, or not any more: a pass counts for the others from now on, if one of them drives.
pub(super) async fn refuse(
    deps: &Deps,
    citizen: Citizen,
    id: AboardId,
    key: &IdempotencyKey,
) -> Result<Answer, Error> {
    let person = citizen.person;
    let effect = async |tx: &DatabaseTransaction| {
        let place = theirs(tx, deps, person, id).await?;
        let row = applications::lock(tx, place.application_id).await?;
        let row = row.ok_or(Error::NotFound)?;
        let now = deps.clock.now();
        let ending = match place.agreed_at {
            Some(_) => AboardEnding::Left,
            None => AboardEnding::Refused,
        };
        // While they are counted among those aboard.
        passes::look_now(tx, person, now).await?;
        if !aboard::end(tx, place.id, ending, now).await? {
            return Err(Error::InvitationOver);
        }
        let event = Event::VehicleRideEnded {
            application: row.id,
            place: place.id,
            ending,
        };
        audit::record(tx, deps, Actor::Person(person), person, &event).await?;
        let ended = Model {
            ended_at: Some(now),
            ending: Some(ending),
            ..place
        };
        let view = reading::invitation(tx, deps, &ended, row, None).await?;
        Ok((Outcome::Found, view))
    };
    let caller = person.0.as_bytes();
    idempotency::once(deps, caller, "refuse-to-ride", key, &id, effect).await
}

/// Where `citizen` is aboard, or was asked to be, newest first.
pub(super) async fn mine(
    deps: &Deps,
    citizen: &Citizen,
) -> Result<Vec<VehicleInvitationView>, Error> {
    let (db, now) = (&deps.db, deps.clock.now());
    let phone = identity::phone_keys_of(db, deps, citizen.person).await?;
    let places = aboard::of_person(db, citizen.person, &phone).await?;
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
        views.push(reading::invitation(db, deps, place, row, pass).await?);
    }
    Ok(views)
}
