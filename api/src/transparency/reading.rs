//! Use cases: read the tree, and what was signed of it.

use std::collections::BTreeSet;

use entity::log_checkpoint;
use sea_orm::ConnectionTrait;

use super::{
    error::Error,
    store,
    tree::{Hash, TILE_WIDTH, TileAt, Tiles, leaf_hash},
};
use crate::{credentials::note::Witness, deps::Deps, platform::digest::DIGEST_BYTES};

/// The first `width` hashes of the tile `at`.
///
/// Those of a tile that is not full follow from what is below it, so that what was changed there shows.
pub(super) async fn hashes(
    db: &impl ConnectionTrait,
    at: TileAt,
    width: u64,
) -> Result<Vec<Hash>, Error> {
    let from = at.index.saturating_mul(TILE_WIDTH);
    let hashes: Vec<Hash> = if width == TILE_WIDTH {
        let tile = store::tile(db, at.level, at.index).await?;
        let tile = tile.ok_or(Error::NoSuchPart)?;
        let (hashes, []) = tile.hashes.as_chunks::<DIGEST_BYTES>() else {
            return Err(Error::Tampered);
        };
        hashes.to_vec()
    } else if let Some(below) = at.level.checked_sub(1) {
        let roots = store::roots(db, below, from, width).await?;
        let roots = roots.into_iter().map(TryInto::try_into);
        let roots: Result<_, Vec<u8>> = roots.collect();
        roots.map_err(|_| Error::Tampered)?
    } else {
        let leaves = store::commitments(db, from, width).await?;
        leaves.iter().map(|leaf| leaf_hash(leaf)).collect()
    };
    if u64::try_from(hashes.len()) == Ok(width) {
        Ok(hashes)
    } else {
        Err(Error::Tampered)
    }
}

/// The tiles `needed` of the tree of `size` leaves.
pub(super) async fn tiles(
    db: &impl ConnectionTrait,
    size: u64,
    needed: BTreeSet<TileAt>,
) -> Result<Tiles, Error> {
    let mut tiles = Tiles::default();
    for at in needed {
        tiles.insert(at, hashes(db, at, at.width_in(size)).await?);
    }
    Ok(tiles)
}

/// The newest checkpoint.
pub(super) async fn newest(deps: &Deps) -> Result<log_checkpoint::Model, Error> {
    let newest = store::newest_checkpoint(&deps.db).await?;
    newest.ok_or(Error::NoSuchPart)
}

/// The newest checkpoint that enough of those signed who are witnesses now.
pub(super) async fn newest_witnessed(deps: &Deps) -> Result<Option<log_checkpoint::Model>, Error> {
    let witnesses: Vec<&str> = deps.log.witnesses().iter().map(Witness::name).collect();
    Ok(store::newest_witnessed(&deps.db, &witnesses, deps.log.quorum()).await?)
}

/// The note of the newest checkpoint, or of the newest that enough witnesses signed, with what they signed of it.
pub(super) async fn checkpoint(deps: &Deps, witnessed: bool) -> Result<String, Error> {
    let found = if witnessed {
        newest_witnessed(deps).await?
    } else {
        store::newest_checkpoint(&deps.db).await?
    };
    let found = found.ok_or(Error::NoSuchPart)?;
    with_witnesses(deps, found).await
}

/// The note of `signed`, with what the witnesses signed of it that are known.
pub(super) async fn with_witnesses(
    deps: &Deps,
    signed: log_checkpoint::Model,
) -> Result<String, Error> {
    let mut note = signed.note;
    for row in store::cosignatures(&deps.db, signed.size).await? {
        let known = deps.log.witnesses().iter();
        if let Some(witness) = known.into_iter().find(|it| it.name() == row.witness) {
            note += &witness.line(row.signed_at.cast_unsigned(), &row.signature);
        }
    }
    Ok(note)
}

/// The first `width` hashes of the tile `at` of the tree that was signed last, one behind the other.
pub(super) async fn tile(deps: &Deps, at: TileAt, width: u64) -> Result<Vec<u8>, Error> {
    is_there(deps, at, width).await?;
    Ok(hashes(&deps.db, at, width).await?.concat())
}

/// The first `width` leaves of those that the tile `index` of the lowest level is made of, each behind its length
/// in two bytes: an entry bundle of C2SP tlog-tiles.
pub(super) async fn bundle(deps: &Deps, index: u64, width: u64) -> Result<Vec<u8>, Error> {
    is_there(deps, TileAt { level: 0, index }, width).await?;
    let from = index.saturating_mul(TILE_WIDTH);
    let mut bundle = Vec::new();
    for leaf in store::commitments(&deps.db, from, width).await? {
        let length = u16::try_from(leaf.len()).map_err(|_| Error::Tampered)?;
        bundle.extend(length.to_be_bytes());
        bundle.extend(leaf);
    }
    Ok(bundle)
}

async fn is_there(deps: &Deps, at: TileAt, width: u64) -> Result<(), Error> {
    let size = newest(deps).await?.size.cast_unsigned();
    if at.width_in(size) < width {
        return Err(Error::NoSuchPart);
    }
    Ok(())
}
