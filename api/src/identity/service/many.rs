//! Finding many people at a time.

use std::collections::HashSet;

use entity::values::{Document, PersonId};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};

use crate::{
    identity::{places::Index, store},
    platform::Vault,
};

/// Ids in one statement.
const IDS: usize = 1_000;

/// A document as it is looked for: its blind index.
pub type DocumentKey = Vec<u8>;

/// What `document` may be kept under: the key that is written now first, then those of before the
/// index key was rotated.
#[must_use]
pub fn document_keys(vault: &Vault, document: &Document) -> Vec<DocumentKey> {
    Index::any_of_document(vault, document)
}

/// Who has the documents that are kept under `keys`, in their order: nobody, where that is unknown.
pub async fn people_with_documents<K: AsRef<[u8]> + Sync>(
    db: &DatabaseConnection,
    keys: &[K],
) -> Result<Vec<Option<PersonId>>, DbErr> {
    store::many::with_documents(db, keys).await
}

/// Which of `ids` are people that we know.
pub async fn known_among(
    db: &impl ConnectionTrait,
    ids: &[PersonId],
) -> Result<HashSet<PersonId>, DbErr> {
    let mut known = HashSet::new();
    for ids in ids.chunks(IDS) {
        known.extend(store::people::among(db, ids).await?);
    }
    Ok(known)
}
