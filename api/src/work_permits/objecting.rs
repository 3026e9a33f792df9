//! Use case: object to a return that is public (W5).

use entity::{
    values::{CaseAction, PersonId, WorkObjectionId, WorkPermitId},
    work_objection::Model,
    work_permit,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    batches::case_at,
    error::Error,
    stages,
    store::{objections, permits},
    views::{ObjectionRequest, ObjectionTakenView},
};
use crate::{
    audit::{self, Actor, Event, WorkEvent},
    declarations,
    deps::Deps,
    http::idempotency::{self, Answer, IdempotencyKey, Outcome},
    identity::{self, Citizen},
    platform::{clock::midnight, vault::Column},
    review::{self, By, Move},
};

/// Objections of one person on one day.
const MOST_A_DAY: u64 = 5;

pub(super) const TEXT: Column = Column("work_objection.text");

/// Object to the return `id`: the neighbourhood committee decides then.
pub(super) async fn object(
    deps: &Deps,
    citizen: &Citizen,
    id: WorkPermitId,
    key: &IdempotencyKey,
    request: ObjectionRequest,
) -> Result<Answer, Error> {
    let effect = async |tx: &DatabaseTransaction| {
        let row = record(tx, deps, citizen, id, &request).await?;
        Ok::<_, Error>((Outcome::Created, ObjectionTakenView::of(&row)))
    };
    let caller = citizen.person.0.as_bytes();
    let asked = (id, &request);
    idempotency::once(deps, caller, "object-to-return", key, &asked, effect).await
}

async fn record(
    tx: &DatabaseTransaction,
    deps: &Deps,
    citizen: &Citizen,
    id: WorkPermitId,
    request: &ObjectionRequest,
) -> Result<Model, Error> {
    let row = permits::find(tx, id).await?.ok_or(Error::NotFound)?;
    if row.public_from.is_none() {
        return Err(Error::NotFound);
    }
    let worker = row.person_id.ok_or(Error::NotFound)?;
    let both = [worker.min(citizen.person), worker.max(citizen.person)];
    for person in both {
        identity::lock(tx, person).await?;
    }
    // The clock may have decided while this waited.
    let now = deps.clock.now();
    let row = permits::find(tx, id).await?.ok_or(Error::NotFound)?;
    if identity::verified_at(tx, citizen.person).await?.is_none() {
        return Err(identity::Error::NotVerified.into());
    }
    if !lives_near(tx, &row, citizen.person).await? {
        return Err(Error::NotANeighbour);
    }
    let today = midnight(deps.clock.today());
    if objections::since(tx, citizen.person, today).await? >= MOST_A_DAY {
        return Err(Error::TooManyObjections);
    }
    if row.public_until.is_none_or(|until| until <= now) || row.outcome.is_some() {
        return Err(Error::NotPublic);
    }
    let objection = WorkObjectionId(deps.entropy.id());
    let text = match &request.text {
        Some(text) => {
            let key = identity::data_key_of(tx, deps, citizen.person).await?;
            let place = TEXT.owned_by(objection.0.as_bytes());
            Some(key.seal(place, text.as_bytes(), &*deps.entropy)?)
        }
        None => None,
    };
    let made = Model {
        id: objection,
        permit_id: id,
        person_id: citizen.person,
        made_at: now,
        reason: request.reason,
        text,
    };
    if !objections::insert(tx, made.clone()).await? {
        return Err(Error::AlreadyObjected);
    }
    let event = Event::Work(WorkEvent::ReturnObjectedTo {
        objection,
        permit: id,
    });
    audit::record(tx, deps, Actor::Person(citizen.person), worker, &event).await?;
    // The first sends the case to the committee; further ones are read with it.
    if let Some(case) = case_at(tx, id, stages::PUBLICATION).await? {
        let what = Move {
            action: CaseAction::Answer,
            reason: None,
            text: None,
        };
        Box::pin(review::act(tx, deps, &case, By::System, what)).await?;
    }
    Ok(made)
}

/// Whether `person` declared to live in the county or district where the worker of `row` does.
async fn lives_near(
    db: &impl ConnectionTrait,
    row: &work_permit::Model,
    person: PersonId,
) -> Result<bool, Error> {
    let Some(division) = &row.residence_division else {
        return Ok(false);
    };
    let stays = declarations::stays_of(db, person, None).await?;
    let mut homes = stays.iter().filter(|stay| stay.last_day.is_none());
    Ok(homes.any(|home| division.contains(&home.division)))
}

/// What `row` says in words.
pub(super) async fn words_of(
    db: &impl ConnectionTrait,
    deps: &Deps,
    row: &Model,
) -> Result<Option<String>, Error> {
    let Some(sealed) = &row.text else {
        return Ok(None);
    };
    let key = identity::data_key_of(db, deps, row.person_id).await?;
    let text = key.open_text(TEXT.owned_by(row.id.0.as_bytes()), sealed)?;
    Ok(Some(text.to_string()))
}
