//! Elders and children whom a citizen acts for (L6).

use std::collections::HashMap;

use entity::{
    guardianship::{Model, Relationship},
    person,
    values::PersonId,
};
use sea_orm::DatabaseTransaction;

use super::{
    super::{
        actors::Citizen,
        error::Error,
        places::Index,
        rules,
        store::{dependants, people},
    },
    newcomer,
    profile::{self, Profile},
    real_name::{self, Claim},
};
use crate::{
    audit::{self, Actor, Event},
    deps::Deps,
    platform::db::begin_write,
    recheck,
};

/// A dependant and what they are to the one who acts.
pub(in crate::identity) struct Dependant {
    pub(in crate::identity) guardianship: Model,
    pub(in crate::identity) profile: Profile,
}

/// Whom the citizen acts for, in the order they were added.
pub(in crate::identity) async fn list(
    deps: &Deps,
    citizen: &Citizen,
) -> Result<Vec<Dependant>, Error> {
    let guardianships = dependants::of(&deps.db, citizen.person).await?;
    let ids = guardianships.iter().map(|g| g.dependant_id).collect();
    let people = people::find_all(&deps.db, ids).await?;
    let mut people: HashMap<PersonId, person::Model> = people
        .into_iter()
        .map(|person| (person.id, person))
        .collect();
    guardianships
        .into_iter()
        .filter_map(|guardianship| Some((people.remove(&guardianship.dependant_id)?, guardianship)))
        .map(|(person, guardianship)| {
            Ok(Dependant {
                guardianship,
                profile: profile::open(deps, &person)?,
            })
        })
        .collect()
}

/// Check what may be checked before a dependant is added: that they are a child or an elder, the citizen's own
/// identity, and the registry's word on the dependant's.
pub(in crate::identity) async fn vouch(
    deps: &Deps,
    citizen: &Citizen,
    claim: &Claim,
    relationship: Relationship,
) -> Result<(), Error> {
    // Everybody else has a phone, and a code of their own.
    let today = deps.clock.today();
    let of_age = |born| match relationship {
        Relationship::Child => rules::is_child(born, today),
        Relationship::Elder => rules::is_elder(born, today),
    };
    if !claim.document.born().is_none_or(of_age) {
        return Err(Error::NotOfAge);
    }
    if profile::verified_at(&deps.db, citizen.person)
        .await?
        .is_none()
    {
        return Err(Error::NotVerified);
    }
    real_name::ask_registry(deps, citizen.person, "dependant", claim).await
}

/// Add a dependant whom the registry vouched for, as part of the transaction `tx`.
///
/// Somebody whom nobody acts for any more is the same person as before: a new guardian does not
/// make a new code of theirs.
pub(in crate::identity) async fn add(
    tx: &DatabaseTransaction,
    deps: &Deps,
    citizen: &Citizen,
    claim: &Claim,
    relationship: Relationship,
) -> Result<Dependant, Error> {
    let now = deps.clock.now();
    let guardian = citizen.person;
    // One addition at a time, so that the count holds.
    people::lock(tx, guardian).await?;
    if dependants::count(tx, guardian).await? >= rules::MOST_DEPENDANTS {
        return Err(Error::TooManyDependants);
    }
    let person = find_or_make(tx, deps, claim).await?;
    let guardianship = Model {
        dependant_id: person.id,
        guardian_id: guardian,
        relationship,
        created_at: now,
    };
    if !dependants::insert(tx, guardianship.clone()).await? {
        return Err(Error::IdentityInUse);
    }
    recheck::mark(tx, person.id, now).await?;
    let (actor, added) = (Actor::Person(guardian), Event::DependantAdded { guardian });
    audit::record(tx, deps, actor, person.id, &added).await?;
    Ok(Dependant {
        guardianship,
        profile: profile::open(deps, &person)?,
    })
}

/// The person with the claimed document, who must not have an account of their own.
async fn find_or_make(
    tx: &DatabaseTransaction,
    deps: &Deps,
    claim: &Claim,
) -> Result<person::Model, Error> {
    let index = Index::of_document(&deps.vault, &claim.document);
    if let Some(known) = people::with_document(tx, &index.any).await? {
        return if known.phone_index.is_none() {
            Ok(known)
        } else {
            Err(Error::IdentityInUse)
        };
    }
    let made = make(tx, deps, Actor::System, claim).await?;
    made.ok_or(Error::IdentityInUse)
}

/// Make a person whom the registry vouched for, without a phone. `None` if somebody with the document
/// came first.
pub(super) async fn make(
    tx: &DatabaseTransaction,
    deps: &Deps,
    actor: Actor,
    claim: &Claim,
) -> Result<Option<person::Model>, Error> {
    let now = deps.clock.now();
    let (person, key) = newcomer::unnamed(deps, now)?;
    let identity = claim.sealed(deps, &key, &person.id)?;
    let person = person::Model {
        name: Some(identity.name),
        document_kind: Some(identity.kind),
        document_number: Some(identity.number),
        document_index: Some(identity.index),
        verified_at: Some(now),
        ..person
    };
    if !people::insert_with_document(tx, person.clone()).await? {
        return Ok(None);
    }
    audit::record(tx, deps, actor, person.id, &Event::PersonCreated {}).await?;
    Ok(Some(person))
}

/// Stop acting for a dependant. The person and what was recorded of them stay.
pub(in crate::identity) async fn remove(
    deps: &Deps,
    citizen: &Citizen,
    dependant: PersonId,
) -> Result<(), Error> {
    let guardian = citizen.person;
    let tx = begin_write(&deps.db).await?;
    if !dependants::remove(&tx, guardian, dependant).await? {
        return Err(Error::NotFound);
    }
    let (actor, removed) = (
        Actor::Person(guardian),
        Event::DependantRemoved { guardian },
    );
    audit::record(&tx, deps, actor, dependant, &removed).await?;
    tx.commit().await?;
    deps.sessions.no_longer_acts(guardian, dependant);
    Ok(())
}
