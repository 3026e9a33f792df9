//! People at a window, with their document in hand and perhaps without a phone.

use std::time::Duration;

use entity::values::{Document, DocumentKind, PersonId, PersonName, StaffId};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    super::{error::Error, places::Index, store::people},
    dependants,
    profile::{self, KeyError},
    real_name::{self, Claim},
};
use crate::{audit::Actor, deps::Deps, platform::ephemeral::Quota};

/// Documents that one member of staff may have checked in an hour.
const CHECKS: u32 = 60;

/// Somebody whose name and document the registry vouched for.
pub struct Vouched(Claim);

/// Have the registry vouch for a name and a document that a member of staff has in front of them.
/// Counted, so that nobody tries names on numbers.
pub async fn vouch_at_window(
    deps: &Deps,
    staff: StaffId,
    name: &str,
    kind: DocumentKind,
    number: &str,
) -> Result<Vouched, Error> {
    let claim = Claim::read(deps, name, kind, number)?;
    let key = format!("{{{}}}:registry:window", staff.0.as_simple());
    let quota = Quota::new(key, CHECKS, Duration::from_hours(1));
    real_name::ask_registry_within(deps, quota, &claim).await?;
    Ok(Vouched(claim))
}

/// Who that is, as part of the transaction `tx`: the person with the document, or one who is made now,
/// without a phone. Of two first times at once, one makes the person and the other finds them.
pub async fn person_at_window(
    tx: &DatabaseTransaction,
    deps: &Deps,
    staff: StaffId,
    vouched: &Vouched,
) -> Result<PersonId, Error> {
    let Vouched(claim) = vouched;
    let index = Index::of_document(&deps.vault, claim.document());
    if let Some(known) = people::with_document(tx, &index.any).await? {
        return Ok(known.id);
    }
    if let Some(made) = dependants::make(tx, deps, Actor::Staff(staff), claim).await? {
        return Ok(made.id);
    }
    let known = people::with_document(tx, &index.any).await?;
    Ok(known.ok_or(Error::NotFound)?.id)
}

/// The name and the document that somebody is known by. For papers that they hold, not for logs.
pub struct Identified {
    /// The name.
    pub name: PersonName,
    /// The document.
    pub document: Document,
}

/// What `person` is known by. `None` before the registry vouched for it.
pub async fn identified(
    db: &impl ConnectionTrait,
    deps: &Deps,
    person: PersonId,
) -> Result<Option<Identified>, KeyError> {
    let profile = profile::opened(db, deps, person).await?;
    let known = profile.name.zip(profile.document);
    Ok(known.map(|(name, document)| Identified { name, document }))
}
