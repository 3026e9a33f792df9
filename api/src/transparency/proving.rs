//! Use case: prove to people that the log holds what changed their colour.

use std::collections::BTreeSet;

use base64::{Engine, prelude::BASE64_STANDARD};
use entity::{log_entry, values::PersonId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{error::Error, reading, store, tree};
use crate::{audit::SALT_BYTES, deps::Deps, http::page::Page};

/// The proof that the log holds an entry.
///
/// `SHA-256(salt ‖ entry)` is what the leaf holds; with `index` and `hashes` the root follows from it
/// (RFC 9162, section 2.1.3.2) that `checkpoint` says, which everybody gets.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = LogProof)]
pub struct LogProofView {
    /// The entry as it was recorded: JSON in the form of RFC 8785, in base64. The `detail.version` of a change of
    /// colour is that of the change in the history of the code.
    pub entry: String,
    /// 32 random bytes in base64, without which nobody can guess what a leaf holds.
    pub salt: String,
    /// The place of the leaf, counted from zero.
    pub index: u64,
    /// The hashes beside its way to the root, from the leaf up, in base64.
    pub hashes: Vec<String>,
    /// The signed checkpoint (C2SP tlog-checkpoint) of the tree that the proof leads to.
    pub checkpoint: String,
}

/// The proofs of what changed `person`'s colour, the newest first, from below the place `before`. Of what was
/// recorded in the last seconds there is none yet.
pub(super) async fn list(
    deps: &Deps,
    person: PersonId,
    before: Option<i64>,
    limit: u64,
) -> Result<Page<LogProofView>, Error> {
    let signed = reading::newest(deps).await?;
    let size = signed.size.cast_unsigned();
    let before = before.map_or(signed.size, |before| before.min(signed.size));
    let rows = store::of_subject(&deps.db, person.0, before, limit + 1).await?;
    let page = Page::cut(rows, limit, |last| last.position.to_string());

    let mut needed = BTreeSet::new();
    for row in &page.items {
        let index = row.position.cast_unsigned();
        needed.extend(tree::tiles_for(|known| tree::inclusion(index, size, known)));
    }
    let tiles = reading::tiles(&deps.db, size, needed).await?;
    let checkpoint = reading::with_witnesses(deps, signed).await?;
    page.try_map(|row| proof(row, size, &tiles, checkpoint.clone()))
}

/// The proof that the log holds the entry `audit_id`, which anybody may ask for. Of what was recorded in the last
/// seconds there is none yet.
pub async fn proof_of(deps: &Deps, audit_id: Uuid) -> Result<LogProofView, Error> {
    let signed = reading::newest(deps).await?;
    let size = signed.size.cast_unsigned();
    let row = store::everybodys(&deps.db, audit_id, signed.size).await?;
    let row = row.ok_or(Error::NoSuchPart)?;
    let index = row.position.cast_unsigned();
    let needed = tree::tiles_for(|known| tree::inclusion(index, size, known));
    let tiles = reading::tiles(&deps.db, size, needed).await?;
    let checkpoint = reading::with_witnesses(deps, signed).await?;
    proof(row, size, &tiles, checkpoint)
}

fn proof(
    row: log_entry::Model,
    size: u64,
    tiles: &tree::Tiles,
    checkpoint: String,
) -> Result<LogProofView, Error> {
    let index = row.position.cast_unsigned();
    let hashes = tree::inclusion(index, size, &mut |subtree| tiles.hash(subtree));
    let content = row.content.unwrap_or_default();
    let parts = content.split_at_checked(SALT_BYTES);
    let (salt, entry) = parts.ok_or(Error::Tampered)?;
    Ok(LogProofView {
        entry: BASE64_STANDARD.encode(entry),
        salt: BASE64_STANDARD.encode(salt),
        index,
        hashes: hashes
            .ok_or(Error::Tampered)?
            .iter()
            .map(|hash| BASE64_STANDARD.encode(hash))
            .collect(),
        checkpoint,
    })
}
