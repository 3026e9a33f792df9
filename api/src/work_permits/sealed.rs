//! What a form says of a worker, sealed: it belongs to nobody's account until they come themselves.

use chrono::NaiveDate;
use entity::{
    values::{Document, DocumentKind, PersonName, WorkPermitId},
    work_permit::Model,
};
use serde::{Deserialize, Serialize};

use super::{error::Error, rules::Worker};
use crate::{deps::Deps, platform::vault::Column};

const CONTENT: Column = Column("work_permit.content");
const RULING: Column = Column("work_ruling.text");

/// What a form says of a worker. Not for logs.
#[derive(Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) name: String,
    pub(super) document_kind: DocumentKind,
    pub(super) document_number: String,
    pub(super) phone: String,
    pub(super) job: String,
    pub(super) returns_on: NaiveDate,
}

impl Content {
    pub(super) fn of(worker: &Worker) -> Self {
        Self {
            name: worker.name.reveal().to_owned(),
            document_kind: worker.document.kind(),
            document_number: worker.document.reveal().to_owned(),
            phone: worker.phone.reveal().to_owned(),
            job: worker.job.clone(),
            returns_on: worker.returns_on,
        }
    }

    pub(super) fn seal(&self, deps: &Deps, id: WorkPermitId) -> Result<Vec<u8>, Error> {
        let plain = zeroize::Zeroizing::new(serde_json::to_vec(self)?);
        let place = CONTENT.owned_by(id.0.as_bytes());
        Ok(deps.vault.seal(place, &plain, &*deps.entropy)?)
    }

    /// That of `row`. None once it was forgotten.
    pub(super) fn open(deps: &Deps, row: &Model) -> Result<Option<Self>, Error> {
        let Some(sealed) = &row.content else {
            return Ok(None);
        };
        let place = CONTENT.owned_by(row.id.0.as_bytes());
        let plain = deps.vault.open(place, sealed)?;
        Ok(Some(serde_json::from_slice(&plain)?))
    }

    pub(super) fn document(&self) -> Document {
        Document::stored(self.document_kind, self.document_number.clone())
    }

    /// The name as bystanders may see it.
    pub(super) fn masked_name(&self) -> String {
        let name = PersonName::parse(&self.name);
        name.map_or_else(|_| "*".to_owned(), |name| name.masked())
    }
}

/// Seal the words of a decision on many.
pub(super) fn seal_words(deps: &Deps, id: uuid::Uuid, words: &str) -> Result<Vec<u8>, Error> {
    let place = RULING.owned_by(id.as_bytes());
    Ok(deps.vault.seal(place, words.as_bytes(), &*deps.entropy)?)
}

/// The words of a decision on many.
pub(super) fn open_words(deps: &Deps, id: uuid::Uuid, sealed: &[u8]) -> Result<String, Error> {
    let plain = deps.vault.open(RULING.owned_by(id.as_bytes()), sealed)?;
    Ok(String::from_utf8_lossy(&plain).into_owned())
}
