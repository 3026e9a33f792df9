//! Numbers that went to another subscriber (S11).

use std::time::Duration;

use entity::{
    person,
    values::{Document, PersonId, Phone},
};

use super::super::{
    error::Error,
    places::Index,
    rules,
    store::{accounts, people, sessions},
};
use crate::{
    deps::Deps,
    platform::ephemeral::{Admission, Quota},
};

/// Documents that may be tried on one person in an hour.
const TRIES: u32 = 5;

/// Refuse a proof of `phone` that may be a later subscriber's: of a verified person whom nobody has
/// seen for long, unless `account` has stood for them before or `document` is theirs.
///
/// Call it after the number is proved, so that it tells nobody else whose the number is.
pub(super) async fn confirm(
    deps: &Deps,
    phone: &Phone,
    account: Option<&str>,
    document: Option<&str>,
) -> Result<(), Error> {
    let index = Index::of_phone(&deps.vault, phone);
    let Some(person) = people::with_phone(&deps.db, &index.any).await? else {
        return Ok(());
    };
    let seen = sessions::last_seen(&deps.db, person.id).await?;
    let seen = seen.unwrap_or(person.created_at);
    if person.verified_at.is_none()
        || !rules::may_be_recycled(deps.clock.now(), seen)
        || stands_for(deps, account, person.id).await?
        || is_theirs(deps, document, &person).await?
    {
        return Ok(());
    }
    Err(Error::OwnerUnconfirmed)
}

async fn stands_for(deps: &Deps, account: Option<&str>, person: PersonId) -> Result<bool, Error> {
    let Some(account) = account else {
        return Ok(false);
    };
    let index = Index::of_account(&deps.vault, account);
    let linked = accounts::find(&deps.db, &index.any).await?;
    Ok(linked.is_some_and(|linked| linked.person_id == person))
}

/// Counted, so that nobody can try documents on a number.
async fn is_theirs(
    deps: &Deps,
    document: Option<&str>,
    person: &person::Model,
) -> Result<bool, Error> {
    let (Some(number), Some(kind)) = (document, person.document_kind) else {
        return Ok(false);
    };
    let key = format!("{{{}}}:owner", person.id.0.as_simple());
    let quota = Quota::new(key, TRIES, Duration::from_hours(1));
    if let Admission::Refused { retry_after, .. } = deps.ephemeral.hit(&[quota]).await? {
        return Err(Error::TooManyAttempts(retry_after));
    }
    let Ok(document) = Document::parse(kind, number, deps.clock.today()) else {
        return Ok(false);
    };
    let index = Index::of_document(&deps.vault, &document);
    Ok(person
        .document_index
        .as_ref()
        .is_some_and(|known| index.any.contains(known)))
}
