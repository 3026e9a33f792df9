//! What somebody outside verifies of the log, with what they kept and what they fetched.

use std::collections::BTreeSet;

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};

use super::tree::{
    self, Hash, TILE_WIDTH, TileAt, Tiles, consistency, continues, includes, leaf_hash, tiles_for,
};
use crate::{
    credentials::{
        key_list::KeyList,
        note::{self, Checkpoint, NotBelieved},
    },
    platform::digest::{DIGEST_BYTES, sha256},
};

pub use super::proving::LogProofView as Proof;

/// Why the log is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A checkpoint is not believed.
    #[error(transparent)]
    Checkpoint(#[from] NotBelieved),
    /// The checkpoints are of two logs.
    #[error("the checkpoints are of two logs")]
    TwoLogs,
    /// The later checkpoint is of a smaller tree.
    #[error("the log has become smaller")]
    Smaller,
    /// A tile is missing, or is not as long as it has to be.
    #[error("a tile is missing, or is not as long as it has to be")]
    Tile,
    /// The later tree does not begin with the earlier one: something was changed or left out.
    #[error("the log was rewritten: the later tree does not begin with the earlier one")]
    Rewritten,
    /// The tiles are not those of the tree.
    #[error("the tiles are not those of the tree that was signed")]
    OtherTiles,
    /// What is to be proved is not in base64, or has no hash's length.
    #[error("not a proof")]
    Layout,
    /// The proof does not lead to the checkpoint.
    #[error("the proof does not lead to the checkpoint: the log does not hold this entry")]
    NotIncluded,
}

/// Which tiles prove that the tree of `before` leaves is the beginning of that of `size`, each with the hashes
/// that it has in the latter. With a `before` of none, those that the root follows from.
#[must_use]
pub fn needed(before: Option<u64>, size: u64) -> Vec<(TileAt, u64)> {
    let mut tiles: BTreeSet<TileAt> = match before {
        Some(before) => tiles_for(|known| consistency(before, size, known)),
        None => BTreeSet::new(),
    };
    tiles.extend(tiles_for(|known| tree::root(size, known)));
    for at in tiles.clone() {
        let above = std::iter::successors(Some(at), |at| Some(at.parent().0));
        tiles.extend(above.take_while(|at| at.width_in(size) > 0));
    }
    let tiles = tiles.into_iter();
    tiles.map(|at| (at, at.width_in(size))).collect()
}

/// The hashes of a tile that was fetched: the first `width` of them.
pub fn read_tile(bytes: &[u8], width: u64) -> Result<Vec<Hash>, Refused> {
    let (hashes, rest) = bytes.as_chunks::<DIGEST_BYTES>();
    let width = usize::try_from(width).map_err(|_| Refused::Tile)?;
    let fits = rest.is_empty() && u64::try_from(hashes.len()).is_ok_and(|it| it <= TILE_WIDTH);
    let hashes = hashes.get(..width).filter(|_| fits);
    hashes.map(<[Hash]>::to_vec).ok_or(Refused::Tile)
}

/// Whether the tree of `newer` begins with that of `older`, by `tiles` of the former.
pub fn follows(older: &Checkpoint, newer: &Checkpoint, tiles: &Tiles) -> Result<(), Refused> {
    if older.origin != newer.origin {
        return Err(Refused::TwoLogs);
    }
    if newer.size < older.size {
        return Err(Refused::Smaller);
    }
    has_root(newer, tiles)?;
    let proof = consistency(older.size, newer.size, &mut |at| tiles.hash(at));
    let proof = proof.ok_or(Refused::Tile)?;
    let (old, new) = ((older.size, &older.root), (newer.size, &newer.root));
    if continues(old, new, &proof) {
        Ok(())
    } else {
        Err(Refused::Rewritten)
    }
}

/// Whether `tiles` are those of the tree of `checkpoint`, as far as its root follows from them.
pub fn has_root(checkpoint: &Checkpoint, tiles: &Tiles) -> Result<(), Refused> {
    let root = tree::root(checkpoint.size, &mut |at| tiles.hash(at)).ok_or(Refused::Tile)?;
    if root == checkpoint.root && tiles.agree() {
        Ok(())
    } else {
        Err(Refused::OtherTiles)
    }
}

/// The entry that `proof` proves the log to hold, and the checkpoint that it leads to, if a key for the log of
/// `keys` signed that.
pub fn proved(
    proof: &Proof,
    keys: &KeyList,
    now: DateTime<Utc>,
) -> Result<(String, Checkpoint), Refused> {
    let (checkpoint, _) = note::believe(&proof.checkpoint, keys, now)?;
    let decoded = |text: &str| BASE64_STANDARD.decode(text).map_err(|_| Refused::Layout);
    let (salt, entry) = (decoded(&proof.salt)?, decoded(&proof.entry)?);
    let hash = |text: &String| {
        let hash = decoded(text)?.try_into();
        hash.map_err(|_: Vec<u8>| Refused::Layout)
    };
    let hashes: Vec<Hash> = proof.hashes.iter().map(hash).collect::<Result<_, _>>()?;
    let leaf = leaf_hash(&sha256(&[&salt, &entry]));
    let (index, size) = (proof.index, checkpoint.size);
    let salted = salt.len() == crate::audit::SALT_BYTES;
    if !salted || !includes(leaf, index, size, &hashes, &checkpoint.root) {
        return Err(Refused::NotIncluded);
    }
    let entry = String::from_utf8(entry).map_err(|_| Refused::Layout)?;
    Ok((entry, checkpoint))
}
