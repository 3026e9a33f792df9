//! What a person is known by.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::{
    consent, person,
    values::{Document, PersonId, PersonName, Phone},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};

use super::{
    super::{
        actors::Citizen,
        error::Error,
        places::{self, Index},
        store,
    },
    newcomer,
};
use crate::{
    deps::Deps,
    platform::{
        Vault,
        vault::{DataKey, Sealed},
    },
};

/// A person, opened.
pub(in crate::identity) struct Profile {
    pub(in crate::identity) id: PersonId,
    pub(in crate::identity) phone: Option<Phone>,
    pub(in crate::identity) name: Option<PersonName>,
    pub(in crate::identity) document: Option<Document>,
    pub(in crate::identity) verified_at: Option<DateTime<Utc>>,
}

/// The citizen's own profile, and what they accepted.
pub(in crate::identity) async fn own(
    deps: &Deps,
    citizen: &Citizen,
) -> Result<(Profile, Vec<consent::Model>), Error> {
    let person = found(&deps.db, citizen.person).await?;
    let consents = store::accounts::accepted_by(&deps.db, citizen.person).await?;
    Ok((open(deps, &person)?, consents))
}

/// Open what identifies `person`.
pub(super) fn open(deps: &Deps, person: &person::Model) -> Result<Profile, Sealed> {
    let key = newcomer::key_of(deps, person)?;
    let text = |place, sealed: &Option<Vec<u8>>| {
        let opened = sealed.as_deref().map(|sealed| key.open_text(place, sealed));
        opened.transpose()
    };
    let phone = text(places::phone(&person.id), &person.phone)?;
    let name = text(places::name(&person.id), &person.name)?;
    let number = text(places::document(&person.id), &person.document_number)?;
    Ok(Profile {
        id: person.id,
        phone: phone.and_then(|text| Phone::parse(&text).ok()),
        name: name.and_then(|text| PersonName::parse(&text).ok()),
        document: person
            .document_kind
            .zip(number)
            .map(|(kind, number)| Document::stored(kind, number.to_string())),
        verified_at: person.verified_at,
    })
}

/// The data key of a person could not be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The database failed, or there is no such person.
    #[error("the store of people failed")]
    Store(#[from] DbErr),
    /// Key or value do not open.
    #[error("a sealed value of a person does not open")]
    Sealed(#[from] Sealed),
}

/// The data key of `person`, to seal and open what is theirs.
pub async fn data_key_of(
    db: &impl ConnectionTrait,
    deps: &Deps,
    person: PersonId,
) -> Result<DataKey, KeyError> {
    Ok(newcomer::key_of(deps, &found(db, person).await?)?)
}

/// The name of `person` as bystanders may see it. `None` before the registry vouched for one.
pub async fn masked_name_of(
    db: &impl ConnectionTrait,
    deps: &Deps,
    person: PersonId,
) -> Result<Option<String>, KeyError> {
    let profile = opened(db, deps, person).await?;
    Ok(profile.name.map(|name| name.masked()))
}

/// The same of many people, in one query for every thousand.
pub async fn masked_names_of(
    db: &impl ConnectionTrait,
    deps: &Deps,
    people: &[PersonId],
) -> Result<Vec<(PersonId, Option<String>)>, KeyError> {
    let mut names = Vec::with_capacity(people.len());
    for people in people.chunks(1_000) {
        for person in store::people::all(db, people).await? {
            let profile = open(deps, &person)?;
            names.push((person.id, profile.name.map(|name| name.masked())));
        }
    }
    Ok(names)
}

/// What identifies `person`, opened.
pub(in crate::identity) async fn opened(
    db: &impl ConnectionTrait,
    deps: &Deps,
    person: PersonId,
) -> Result<Profile, KeyError> {
    Ok(open(deps, &found(db, person).await?)?)
}

/// Who stands behind a number in a code's handle.
pub async fn person_with_number(
    db: &impl ConnectionTrait,
    number: i64,
) -> Result<Option<PersonId>, DbErr> {
    store::people::with_number(db, number).await
}

/// The same of many numbers: those whom there are, by number.
pub async fn people_with_numbers(
    db: &impl ConnectionTrait,
    numbers: &[i64],
) -> Result<BTreeMap<i64, PersonId>, DbErr> {
    store::people::with_numbers(db, numbers).await
}

/// Who has `document`, whichever key it was indexed under.
pub async fn person_with_document(
    db: &impl ConnectionTrait,
    deps: &Deps,
    document: &Document,
) -> Result<Option<PersonId>, DbErr> {
    let index = Index::of_document(&deps.vault, document);
    let person = store::people::with_document(db, &index.any).await?;
    Ok(person.map(|person| person.id))
}

/// Who has a document that is kept under `key`.
pub async fn person_with_document_key(
    db: &impl ConnectionTrait,
    key: Vec<u8>,
) -> Result<Option<PersonId>, DbErr> {
    let person = store::people::with_document(db, &[key]).await?;
    Ok(person.map(|person| person.id))
}

/// Who has `phone`, whichever key it was indexed under.
pub async fn person_with_phone(
    db: &impl ConnectionTrait,
    deps: &Deps,
    phone: &Phone,
) -> Result<Option<PersonId>, DbErr> {
    let index = Index::of_phone(&deps.vault, phone);
    let person = store::people::with_phone(db, &index.any).await?;
    Ok(person.map(|person| person.id))
}

/// What the document of `person` may be kept under. Nothing before the registry vouched for one.
pub async fn document_keys_of(
    db: &impl ConnectionTrait,
    deps: &Deps,
    person: PersonId,
) -> Result<Vec<Vec<u8>>, KeyError> {
    let profile = opened(db, deps, person).await?;
    let document = profile.document.filter(|_| profile.verified_at.is_some());
    let keys = |document: Document| Index::any_of_document(&deps.vault, &document);
    Ok(document.map(keys).unwrap_or_default())
}

/// What `phone` may be kept under, the key that is written now first.
#[must_use]
pub fn phone_keys(vault: &Vault, phone: &Phone) -> Vec<Vec<u8>> {
    Index::of_phone(vault, phone).any
}

/// What the proved phone of `person` may be kept under.
pub async fn phone_keys_of(
    db: &impl ConnectionTrait,
    deps: &Deps,
    person: PersonId,
) -> Result<Vec<Vec<u8>>, KeyError> {
    let profile = opened(db, deps, person).await?;
    let keys = |phone: Phone| phone_keys(&deps.vault, &phone);
    Ok(profile.phone.map(keys).unwrap_or_default())
}

/// When the registry vouched for `person`'s name and document (L3), if it did.
pub async fn verified_at(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    Ok(found(db, person).await?.verified_at)
}

/// Have `person` to oneself until the transaction `tx` ends.
///
/// Whoever takes several things takes them in this order, or two of them wait for each other: people, by id;
/// cases; units; venues. A row that names a person takes them, too.
pub async fn lock(tx: &DatabaseTransaction, person: PersonId) -> Result<(), DbErr> {
    store::people::lock(tx, person).await
}

/// Have `person` to oneself until the transaction `tx` ends, unless somebody else has them: for work that
/// can do others first. `true` if nobody else had.
pub async fn try_lock(tx: &DatabaseTransaction, person: PersonId) -> Result<bool, DbErr> {
    store::people::try_lock(tx, person).await
}

async fn found(db: &impl ConnectionTrait, person: PersonId) -> Result<person::Model, DbErr> {
    store::people::find(db, person)
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("person".into()))
}
