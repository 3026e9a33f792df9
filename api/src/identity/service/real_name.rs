//! Real names (L3).

use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::{
    person,
    values::{Document, DocumentKind, PersonId, PersonName},
};
use sea_orm::{DatabaseTransaction, SqlErr};

use super::{
    super::{
        actors::Citizen,
        error::Error,
        places::{self, Index},
        store::people::{self, Identity},
    },
    newcomer,
    profile::{self, Profile},
};
use crate::{
    audit::{self, Actor, Event},
    clients::RegistryAnswer,
    deps::Deps,
    platform::{
        db::begin_write,
        ephemeral::{Admission, Quota},
        vault::DataKey,
    },
    recheck,
};

/// Questions that one person may put to the registry in an hour.
const QUESTIONS: u32 = 5;

/// A name and a document, in the right form.
pub(in crate::identity) struct Claim {
    pub(super) name: PersonName,
    pub(super) document: Document,
}

impl Claim {
    /// Read a name and a document number.
    pub(in crate::identity) fn read(
        deps: &Deps,
        name: &str,
        kind: DocumentKind,
        number: &str,
    ) -> Result<Self, Error> {
        Ok(Self {
            name: PersonName::parse(name).map_err(|_| Error::Name)?,
            document: Document::parse(kind, number, deps.clock.today()).map_err(Error::Document)?,
        })
    }

    /// The same, sealed under `key` for `person`.
    pub(super) fn sealed(
        &self,
        deps: &Deps,
        key: &DataKey,
        person: &PersonId,
    ) -> Result<Identity, Error> {
        let seal = |place, text: &str| key.seal(place, text.as_bytes(), &*deps.entropy);
        Ok(Identity {
            name: seal(places::name(person), self.name.reveal())?,
            kind: self.document.kind(),
            number: seal(places::document(person), self.document.reveal())?,
            index: Index::of_document(&deps.vault, &self.document).current,
        })
    }

    pub(super) fn document(&self) -> &Document {
        &self.document
    }

    fn is_of(&self, profile: &Profile) -> bool {
        profile.name.as_ref() == Some(&self.name)
            && profile.document.as_ref() == Some(&self.document)
    }
}

/// Verify the citizen's own identity with the registry. Saying the same again changes nothing.
pub(in crate::identity) async fn verify(
    deps: &Deps,
    citizen: &Citizen,
    claim: &Claim,
) -> Result<Profile, Error> {
    let known = people::find(&deps.db, citizen.person)
        .await?
        .ok_or(Error::Unauthenticated)?;
    if known.verified_at.is_some() {
        return same_again(deps, &known, claim);
    }
    ask_registry(deps, citizen.person, "own", claim).await?;

    let now = deps.clock.now();
    let tx = begin_write(&deps.db).await?;
    let index = Index::of_document(&deps.vault, &claim.document);
    if people::with_document(&tx, &index.any).await?.is_some() {
        // Perhaps the same request, a moment earlier.
        let person = people::find(&tx, citizen.person).await?;
        return match person {
            Some(person) if person.verified_at.is_some() => same_again(deps, &person, claim),
            _ => Err(Error::IdentityInUse),
        };
    }
    if !store(&tx, deps, &known, claim, now).await? {
        let person = people::find(&tx, citizen.person).await?;
        return same_again(deps, &person.ok_or(Error::Unauthenticated)?, claim);
    }
    recheck::mark(&tx, citizen.person, now).await?;
    let (actor, verified) = (Actor::Person(citizen.person), Event::IdentityVerified {});
    audit::record(&tx, deps, actor, citizen.person, &verified).await?;
    tx.commit().await?;
    deps.recheck.wake();

    let person = people::find(&deps.db, citizen.person).await?;
    Ok(profile::open(deps, &person.ok_or(Error::Unauthenticated)?)?)
}

/// Store a claim that the registry vouched for. `false` if the person was verified meanwhile.
async fn store(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: &person::Model,
    claim: &Claim,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let key = newcomer::key_of(deps, person)?;
    let identity = claim.sealed(deps, &key, &person.id)?;
    people::verify(tx, person.id, identity, now)
        .await
        .map_err(|error| match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => Error::IdentityInUse,
            _ => error.into(),
        })
}

fn same_again(deps: &Deps, person: &person::Model, claim: &Claim) -> Result<Profile, Error> {
    let profile = profile::open(deps, person)?;
    if claim.is_of(&profile) {
        Ok(profile)
    } else {
        Err(Error::AlreadyVerified)
    }
}

/// Ask the registry whether a claim is right. Counted, so that nobody can try names on numbers; and
/// closed while the count is away.
pub(super) async fn ask_registry(
    deps: &Deps,
    asking: PersonId,
    about: &str,
    claim: &Claim,
) -> Result<(), Error> {
    let key = format!("{{{}}}:registry:{about}", asking.0.as_simple());
    let quota = Quota::new(key, QUESTIONS, Duration::from_hours(1));
    ask_registry_within(deps, quota, claim).await
}

/// The same, counted by `quota`.
pub(super) async fn ask_registry_within(
    deps: &Deps,
    quota: Quota,
    claim: &Claim,
) -> Result<(), Error> {
    if let Admission::Refused { retry_after, .. } = deps.ephemeral.hit(&[quota]).await? {
        return Err(Error::TooManyAttempts(retry_after));
    }
    let (name, document) = (claim.name.reveal(), &claim.document);
    let answer = deps
        .registry
        .check(name, document.kind().name(), document.reveal())
        .await?;
    match answer {
        RegistryAnswer::Match => Ok(()),
        RegistryAnswer::Mismatch => Err(Error::IdentityMismatch),
    }
}
