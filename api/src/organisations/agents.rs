//! Use cases: ask somebody to act for a unit, accept, decline, withdraw.

use entity::{
    organisation,
    organisation_agent::Model,
    values::{AgentEnding, AgentId, PersonId, Phone},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    acting::capacity_of,
    actor::{Capacity, UnitActor},
    error::Error,
    rules, store,
    views::{AgentView, InvitationRequest, InvitationView, MyOrganisationsView, MyUnitView},
};
use crate::{
    audit::{self, Actor, DoorEvent, Event, Subject},
    deps::Deps,
    http::idempotency::{self, Answer, IdempotencyKey, Outcome},
    identity::{self, Citizen},
    platform::vault::Column,
};

/// Units of one legal person that are listed, at the most.
const MOST_UNITS: u64 = 100;

pub(super) const PHONE: Column = Column("organisation_agent.phone");

fn legal_person_only(unit: &UnitActor) -> Result<(), Error> {
    match unit.capacity {
        Capacity::LegalPerson => Ok(()),
        Capacity::Agent => Err(Error::LegalPersonOnly),
    }
}

/// Ask the owner of a phone to act for the unit.
pub(super) async fn invite(
    deps: &Deps,
    unit: UnitActor,
    key: &IdempotencyKey,
    request: InvitationRequest,
) -> Result<Answer, Error> {
    legal_person_only(&unit)?;
    let phone = Phone::parse(&request.phone).map_err(|_| Error::Phone)?;
    let effect = async |tx: &DatabaseTransaction| record(tx, deps, &unit, &phone).await;
    let asked = (unit.organisation, phone.reveal());
    let caller = unit.caller();
    idempotency::once(deps, &caller, "invite-agent", key, &asked, effect).await
}

async fn record(
    tx: &DatabaseTransaction,
    deps: &Deps,
    unit: &UnitActor,
    phone: &Phone,
) -> Result<(Outcome, AgentView), Error> {
    let (organisation, now) = (unit.organisation, deps.clock.now());
    // One invitation at a time, so that the count holds.
    let locked = store::units::lock(tx, organisation).await?;
    locked.ok_or(Error::NotFound)?;
    let indexes = identity::phone_keys(&deps.vault, phone);
    if store::agents::is_known(tx, organisation, &indexes, now).await? {
        return Err(Error::KnownAgent);
    }
    if store::agents::count(tx, organisation, now).await? >= rules::MOST_AGENTS {
        return Err(Error::TooManyAgents);
    }
    let id = AgentId(deps.entropy.id());
    let place = PHONE.owned_by(id.0.as_bytes());
    let sealed = deps
        .vault
        .seal(place, phone.reveal().as_bytes(), &*deps.entropy)?;
    let row = Model {
        id,
        organisation_id: organisation,
        phone_index: indexes.into_iter().next().unwrap_or_default(),
        phone: sealed,
        invited_by: unit.person,
        invited_at: now,
        expires_at: now + rules::INVITED,
        person_id: None,
        accepted_at: None,
        ended_at: None,
        ending: None,
    };
    store::agents::insert(tx, row.clone()).await?;
    let event = Event::Door(DoorEvent::AgentInvited {
        organisation,
        agent: id,
    });
    audit::record(tx, deps, unit.actor(), Subject::Nobody, &event).await?;
    Ok((Outcome::Created, AgentView::open(tx, deps, &row).await?))
}

/// Those who act for the unit, or may accept to.
pub(super) async fn list(deps: &Deps, unit: &UnitActor) -> Result<Vec<AgentView>, Error> {
    let rows = store::agents::of_unit(&deps.db, unit.organisation, deps.clock.now()).await?;
    let mut views = Vec::with_capacity(rows.len());
    for row in &rows {
        views.push(AgentView::open(&deps.db, deps, row).await?);
    }
    Ok(views)
}

/// Take it back, also from somebody who accepted. It holds from the next call on, wherever it arrives.
pub(super) async fn withdraw(
    deps: &Deps,
    unit: UnitActor,
    id: AgentId,
    key: &IdempotencyKey,
) -> Result<Answer, Error> {
    legal_person_only(&unit)?;
    let effect = async |tx: &DatabaseTransaction| {
        let row = store::agents::find(tx, id).await?;
        let row = row.filter(|row| row.organisation_id == unit.organisation);
        let row = row.ok_or(Error::NotFound)?;
        let ended = end(tx, deps, unit.actor(), row, AgentEnding::Withdrawn).await?;
        Ok((Outcome::Found, AgentView::open(tx, deps, &ended).await?))
    };
    let caller = unit.caller();
    idempotency::once(deps, &caller, "withdraw-agent", key, &id, effect).await
}

async fn end(
    tx: &DatabaseTransaction,
    deps: &Deps,
    actor: Actor,
    row: Model,
    ending: AgentEnding,
) -> Result<Model, Error> {
    let now = deps.clock.now();
    if let Some(person) = row.person_id {
        identity::lock(tx, person).await?;
    }
    if !store::agents::end(tx, row.id, ending, now).await? {
        return Err(Error::InvitationOver);
    }
    let event = Event::Door(DoorEvent::AgentEnded {
        organisation: row.organisation_id,
        agent: row.id,
        ending,
    });
    let subject = row.person_id.map_or(Subject::Nobody, Subject::Person);
    audit::record(tx, deps, actor, subject, &event).await?;
    Ok(Model {
        ended_at: Some(now),
        ending: Some(ending),
        ..row
    })
}

/// `person` leaves altogether: what they accepted ends, and what they were asked.
pub(super) async fn resign(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
    row: Model,
) -> Result<(), Error> {
    let ending = match row.accepted_at {
        Some(_) => AgentEnding::Resigned,
        None => AgentEnding::Declined,
    };
    end(tx, deps, Actor::Person(person), row, ending)
        .await
        .map(drop)
}

/// End what the legal person whom `unit` names may still act by, now that there is another: what they
/// accepted themselves, and every invitation that is open, since they know of all whom they asked.
pub(super) async fn end_of_former(
    tx: &DatabaseTransaction,
    deps: &Deps,
    unit: &organisation::Model,
) -> Result<(), Error> {
    let actor = Actor::Organisation(unit.id);
    for row in store::agents::of_unit(tx, unit.id, deps.clock.now()).await? {
        let is_theirs = match row.person_id {
            None => true,
            Some(person) => {
                let keys = identity::document_keys_of(tx, deps, person).await?;
                keys.contains(&unit.legal_person_index)
            }
        };
        if !is_theirs {
            continue;
        }
        match end(tx, deps, actor, row, AgentEnding::Withdrawn).await {
            // Declined or given up a moment ago.
            Ok(_) | Err(Error::InvitationOver) => (),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What `citizen` was asked, by their phone, or accepted.
async fn theirs(
    db: &impl ConnectionTrait,
    deps: &Deps,
    citizen: &Citizen,
    id: AgentId,
) -> Result<Model, Error> {
    let phone = identity::phone_keys_of(db, deps, citizen.person).await?;
    let row = store::agents::find(db, id).await?;
    let row = row.filter(|row| match row.person_id {
        Some(person) => person == citizen.person,
        None => phone.contains(&row.phone_index),
    });
    row.ok_or(Error::NotFound)
}

/// Accept to act for a unit. Only who is verified may.
pub(super) async fn accept(
    deps: &Deps,
    citizen: Citizen,
    id: AgentId,
    key: &IdempotencyKey,
) -> Result<Answer, Error> {
    let person = citizen.person;
    let effect = async |tx: &DatabaseTransaction| {
        identity::lock(tx, person).await?;
        let row = theirs(tx, deps, &citizen, id).await?;
        if identity::verified_at(tx, person).await?.is_none() {
            return Err(identity::Error::NotVerified.into());
        }
        store::units::lock(tx, row.organisation_id).await?;
        let now = deps.clock.now();
        let over = now >= row.expires_at || !store::agents::accept(tx, id, person, now).await?;
        if over {
            return Err(Error::InvitationOver);
        }
        let event = Event::Door(DoorEvent::AgentAccepted {
            organisation: row.organisation_id,
            agent: id,
        });
        audit::record(tx, deps, Actor::Person(person), person, &event).await?;
        Ok((Outcome::Found, my_unit(tx, deps, &citizen, &row).await?))
    };
    let caller = person.0.as_bytes();
    idempotency::once(deps, caller, "accept-agency", key, &id, effect).await
}

async fn my_unit(
    db: &impl ConnectionTrait,
    deps: &Deps,
    citizen: &Citizen,
    row: &Model,
) -> Result<MyUnitView, Error> {
    let unit = store::units::find(db, row.organisation_id).await?;
    let unit = unit.ok_or(Error::NotFound)?;
    let capacity = capacity_of(db, deps, citizen.person, unit.id).await?;
    Ok(MyUnitView::of(
        &unit,
        capacity.unwrap_or(Capacity::Agent),
        Some(row.id),
    ))
}

/// Decline, or act for the unit no more.
pub(super) async fn decline(
    deps: &Deps,
    citizen: Citizen,
    id: AgentId,
    key: &IdempotencyKey,
) -> Result<Answer, Error> {
    let person = citizen.person;
    let effect = async |tx: &DatabaseTransaction| {
        let row = theirs(tx, deps, &citizen, id).await?;
        let ending = match row.accepted_at {
            Some(_) => AgentEnding::Resigned,
            None => AgentEnding::Declined,
        };
        let ended = end(tx, deps, Actor::Person(person), row, ending).await?;
        let unit = store::units::find(tx, ended.organisation_id).await?;
        let unit = unit.ok_or(Error::NotFound)?;
        Ok((Outcome::Found, InvitationView::of(&unit, &ended)))
    };
    let caller = person.0.as_bytes();
    idempotency::once(deps, caller, "decline-agency", key, &id, effect).await
}

/// The units that `citizen` acts for, and those that asked them to.
pub(super) async fn mine(deps: &Deps, citizen: &Citizen) -> Result<MyOrganisationsView, Error> {
    let (db, now) = (&deps.db, deps.clock.now());
    let document = identity::document_keys_of(db, deps, citizen.person).await?;
    let phone = identity::phone_keys_of(db, deps, citizen.person).await?;
    let own = store::units::of_legal_person(db, &document, MOST_UNITS).await?;
    let rows = store::agents::of_person(db, citizen.person, &phone, now).await?;
    let others = rows.iter().map(|row| row.organisation_id);
    let others = store::units::find_all(db, others).await?;
    let mut view = MyOrganisationsView::default();
    let legal = |unit| MyUnitView::of(unit, Capacity::LegalPerson, None);
    view.organisations.extend(own.iter().map(legal));
    for row in &rows {
        let unit = others.iter().find(|unit| unit.id == row.organisation_id);
        let Some(unit) = unit else { continue };
        if row.accepted_at.is_none() {
            view.invitations.push(InvitationView::of(unit, row));
        } else if !own.iter().any(|own| own.id == unit.id) {
            let agent = MyUnitView::of(unit, Capacity::Agent, Some(row.id));
            view.organisations.push(agent);
        }
    }
    Ok(view)
}
