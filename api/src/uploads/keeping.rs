//! Use cases: what records do with uploads.

use bytes::Bytes;
use entity::{
    upload::Model,
    values::{OrganisationId, PersonId, UploadContent, UploadId},
};
use sea_orm::{Condition, DatabaseTransaction, DbErr};
use uuid::Uuid;

use super::{error::Error, store};
use crate::{
    deps::Deps,
    platform::vault::{Column, Place, Sealed},
};

/// Whose an upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A person's.
    Person(PersonId),
    /// A unit's: whoever acts for it.
    Unit(OrganisationId),
}

/// An upload that a record holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Which.
    pub id: UploadId,
    /// What it is.
    pub content: UploadContent,
    /// Its bytes, as it is kept.
    pub bytes: u64,
    /// SHA-256 of it, as it is kept.
    pub sha256: [u8; 32],
}

const OBJECT: Column = Column("upload.object");

impl Owner {
    pub(super) fn person(self) -> Option<PersonId> {
        match self {
            Self::Person(person) => Some(person),
            Self::Unit(_) => None,
        }
    }

    pub(super) fn unit(self) -> Option<OrganisationId> {
        match self {
            Self::Person(_) => None,
            Self::Unit(unit) => Some(unit),
        }
    }

    pub(super) fn id(self) -> Uuid {
        match self {
            Self::Person(person) => person.0,
            Self::Unit(unit) => unit.0,
        }
    }

    pub(super) fn owns(self) -> Condition {
        store::owned(self.person(), self.unit())
    }
}

/// Hold `upload` of `owner` for the record `holder`. What nobody holds goes after a day; what a record
/// holds, no other can. Holding again does nothing.
///
/// # Errors
///
/// [`Error::NoSuchUpload`] also of somebody else's.
pub async fn hold(
    tx: &DatabaseTransaction,
    upload: UploadId,
    owner: Owner,
    holder: Uuid,
) -> Result<Stored, Error> {
    if !store::hold(tx, upload, owner.owns(), holder).await? {
        return Err(Error::NoSuchUpload);
    }
    let row = store::find(tx, upload).await?;
    stored(&row.ok_or(Error::NoSuchUpload)?)
}

/// Let go of everything that `holder` holds: it is deleted with the next sweep.
pub async fn let_go(tx: &DatabaseTransaction, deps: &Deps, holder: Uuid) -> Result<(), DbErr> {
    store::let_go(tx, holder, deps.clock.now()).await
}

/// Let go of one of the uploads that `holder` holds: it is deleted with the next sweep.
pub async fn let_go_of(
    tx: &DatabaseTransaction,
    deps: &Deps,
    upload: UploadId,
    holder: Uuid,
) -> Result<(), DbErr> {
    store::let_go_of(tx, upload, holder, deps.clock.now()).await
}

/// What is in `upload`. Whoever calls this has asked who may read it.
pub async fn read(deps: &Deps, upload: UploadId) -> Result<(UploadContent, Bytes), Error> {
    let row = store::find(&deps.db, upload).await?;
    open(deps, row.ok_or(Error::NoSuchUpload)?).await
}

/// What is in `upload`, if it is of `owner`.
pub(super) async fn read_own(
    deps: &Deps,
    upload: UploadId,
    owner: Owner,
) -> Result<(UploadContent, Bytes), Error> {
    let row = store::find(&deps.db, upload).await?;
    let theirs =
        row.filter(|row| (row.person_id, row.organisation_id) == (owner.person(), owner.unit()));
    open(deps, theirs.ok_or(Error::NoSuchUpload)?).await
}

/// Delete `upload` of `owner`, unless a record holds it.
pub(super) async fn give_up(deps: &Deps, upload: UploadId, owner: Owner) -> Result<(), Error> {
    let now = deps.clock.now();
    if store::give_up_one(&deps.db, upload, owner.owns(), now).await? {
        return Ok(());
    }
    let row = store::find(&deps.db, upload).await?;
    let held = row
        .is_some_and(|row| (row.person_id, row.organisation_id) == (owner.person(), owner.unit()));
    Err(if held {
        Error::Held
    } else {
        Error::NoSuchUpload
    })
}

async fn open(deps: &Deps, row: Model) -> Result<(UploadContent, Bytes), Error> {
    let upload = row.id;
    let object = deps.objects.get(upload.0).await?.ok_or(Error::Missing)?;
    let key = deps.vault.data_key(upload.0.as_bytes(), &row.sealed_key)?;
    let opened = key.open(place(&upload), &object)?;
    Ok((row.content, Bytes::copy_from_slice(&opened)))
}

/// Where an object belongs.
pub(super) fn place(upload: &UploadId) -> Place<'_> {
    OBJECT.owned_by(upload.0.as_bytes())
}

fn stored(row: &Model) -> Result<Stored, Error> {
    Ok(Stored {
        id: row.id,
        content: row.content,
        bytes: u64::try_from(row.bytes).unwrap_or_default(),
        sha256: row.sha256.as_slice().try_into().map_err(|_| Sealed)?,
    })
}
