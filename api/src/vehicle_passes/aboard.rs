//! Use cases: ask people aboard, and take that back (T2).
//!
//! Nobody is aboard by somebody else's word: each agrees on their own phone, or is a dependant of who
//! applies.

use std::time::Duration;

use entity::{
    values::{AboardEnding, AboardId, PersonId, Phone, VehicleApplicationId},
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
    store::aboard,
    types,
    views::{AboardView, VehicleApplicationView},
};
use crate::{
    deps::Deps,
    http::idempotency::{self, Answer, IdempotencyKey, Outcome},
    identity,
    platform::{
        db::begin_write,
        ephemeral::{Admission, Quota},
        vault::Column,
    },
};

const ASK: &str = "ask-aboard";

/// Phones that one applicant may have ring in a day.
const A_DAY: u32 = 200;

pub(super) const PHONE: Column = Column("vehicle_aboard.phone");

/// Ask somebody aboard, who is told if they have an account: that the answer does not say. Somebody whom the
/// caller acts for is aboard at once.
pub(super) async fn ask(
    deps: &Deps,
    caller: &Caller,
    id: VehicleApplicationId,
    key: &IdempotencyKey,
    request: AboardRequest,
) -> Result<Answer, Error> {
    let (whose, asked) = (caller.key(), (id, &request));
    if request.phone.is_some() {
        // What was answered is not counted again.
        let before = idempotency::given_before(deps, &whose, ASK, key, &asked).await?;
        if let Some(before) = before {
            return Ok(before);
        }
        admit(deps, caller).await?;
    }
    let effect = async |tx: &DatabaseTransaction| {
        let row = drafting::draft(tx, deps, caller, id).await?;
        let place = seat(tx, deps, caller, &row, &request).await?;
        aboard::insert(tx, place.clone()).await?;
        Ok((Outcome::Created, AboardView::open(tx, deps, &place).await?))
    };
    idempotency::once(deps, &whose, ASK, key, &asked, effect).await
}

/// Nobody rings at phones without end.
async fn admit(deps: &Deps, caller: &Caller) -> Result<(), Error> {
    let key = format!("{{{}}}:asked-aboard", hex::encode(caller.key()));
    let quota = Quota::new(key, A_DAY, Duration::from_hours(24));
    match deps.ephemeral.hit(&[quota]).await? {
        Admission::Refused { retry_after, .. } => Err(Error::TooManyAsked(retry_after)),
        Admission::Admitted => Ok(()),
    }
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
        tell_at: None,
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
            place.tell_at = Some(now);
        }
        _ => return Err(Error::Nobody),
    }
    Ok(place)
}

pub(super) fn refuse_known(known: &[Model], is: impl Fn(&Model) -> bool) -> Result<(), Error> {
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
