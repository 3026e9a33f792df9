//! People who are seen for the first time.

use chrono::{DateTime, Utc};
use entity::{
    person::Model,
    values::{PersonId, Phone},
};
use sea_orm::DatabaseTransaction;

use super::super::{
    error::Error,
    places::{self, Index},
    store::people,
};
use crate::{
    audit::{self, Actor, Event},
    deps::Deps,
    platform::vault::{DataKey, Sealed},
};

/// Whose phone it is, in the transaction `tx`: the same person through any door (L2), made if this
/// is the first time. Of two first times at once, one makes the person and the other finds them.
pub(in crate::identity) async fn with_phone(
    tx: &DatabaseTransaction,
    deps: &Deps,
    phone: &Phone,
) -> Result<Model, Error> {
    let index = Index::of_phone(&deps.vault, phone);
    if let Some(known) = people::with_phone(tx, &index.any).await? {
        return Ok(known);
    }
    let (person, key) = unnamed(deps, deps.clock.now())?;
    let place = places::phone(&person.id);
    let sealed = key.seal(place, phone.reveal().as_bytes(), &*deps.entropy)?;
    let person = Model {
        phone: Some(sealed),
        phone_index: Some(index.current),
        ..person
    };
    if people::insert_with_phone(tx, person.clone()).await? {
        let created = Event::PersonCreated {};
        audit::record(tx, deps, Actor::Person(person.id), person.id, &created).await?;
        return Ok(person);
    }
    let known = people::with_phone(tx, &index.any).await?;
    known.ok_or(Error::NotFound)
}

/// A person with a data key and nothing else, not stored yet.
pub(in crate::identity) fn unnamed(
    deps: &Deps,
    now: DateTime<Utc>,
) -> Result<(Model, DataKey), Sealed> {
    let id = PersonId(deps.entropy.id());
    let (key, data_key) = deps.vault.new_data_key(id.0.as_bytes(), &*deps.entropy)?;
    let person = Model {
        id,
        number: id.number(),
        data_key,
        phone: None,
        phone_index: None,
        name: None,
        document_kind: None,
        document_number: None,
        document_index: None,
        verified_at: None,
        created_at: now,
    };
    Ok((person, key))
}

/// Somebody of whom nothing is known, as part of the transaction `tx`: what is written down about them
/// needs somebody whom it is about, and a key of theirs to seal it.
pub async fn unnamed_person(
    tx: &DatabaseTransaction,
    deps: &Deps,
    actor: Actor,
) -> Result<PersonId, Error> {
    let (person, _) = unnamed(deps, deps.clock.now())?;
    let id = person.id;
    people::insert_with_document(tx, person).await?;
    audit::record(tx, deps, actor, id, &Event::PersonCreated {}).await?;
    Ok(id)
}

/// The data key of `person`.
pub(in crate::identity) fn key_of(deps: &Deps, person: &Model) -> Result<DataKey, Sealed> {
    deps.vault
        .data_key(person.id.0.as_bytes(), &person.data_key)
}
