//! Use case: give what waits its place.

use chrono::TimeDelta;
use entity::{log_checkpoint, log_head};
use metrics::gauge;

use super::{
    error::Error,
    reading, store,
    tree::{Growing, Hash, edge_of, leaf_hash},
};
use crate::{credentials::cose::Kid, deps::Deps, platform::db::begin_write};

/// Leaves that one transaction gives their places.
const AT_ONCE: u64 = 1_000;

/// How long a checkpoint is kept that another one follows.
pub(super) const CHECKPOINTS_KEPT: TimeDelta = TimeDelta::days(7);

/// Give what waits its place in the log, in the order in which it was recorded as far as that is known now, and
/// sign what the log is then. Whoever does holds the head of the log, so that each leaf has one place, and places
/// have no gap. Returns how many leaves were given theirs.
///
/// Refused if the edge of the tree is not what was signed last: then nothing more is signed.
pub async fn give_places(deps: &Deps) -> Result<u64, Error> {
    let signer = deps.keyring.log_signer(deps.clock.now());
    let waiting = store::waiting_since(&deps.db).await?;
    let now = deps.clock.now();
    let behind = waiting.map_or(0.0, |since| (now - since).as_seconds_f64().max(0.0));
    gauge!("log_seconds_behind").set(behind);
    if waiting.is_none() {
        let newest = store::newest_checkpoint(&deps.db).await?;
        let signed_by = newest.map(|it| it.kid);
        if signed_by.as_deref() == signer.as_ref().map(Kid::as_bytes) {
            return Ok(0);
        }
    }

    let tx = begin_write(&deps.db).await?;
    let head = store::hold_head(&tx).await?;
    let size = head.size.cast_unsigned();
    let mut edge = Vec::new();
    for (at, width) in edge_of(size) {
        edge.push(reading::hashes(&tx, at, width).await?);
    }
    let mut tree = Growing::from(size, edge).ok_or(Error::Tampered)?;
    if tree.root().as_slice() != head.root {
        return Err(Error::Tampered);
    }

    let leaves = store::waiting(&tx, AT_ONCE).await?;
    let mut filled = Vec::new();
    for leaf in &leaves {
        filled.extend(tree.push(leaf_hash(&leaf.commitment)));
    }
    let placed = u64::try_from(leaves.len()).unwrap_or_default();
    store::place(&tx, head.size, leaves).await?;
    store::fill(&tx, filled).await?;
    let root = tree.root();
    let grown = log_head::Model {
        size: tree.size().cast_signed(),
        root: root.to_vec(),
        ..head
    };
    store::move_head(&tx, &grown).await?;
    store::sign(&tx, signed(deps, tree.size(), root)?).await?;
    tx.commit().await?;
    #[expect(clippy::cast_precision_loss, reason = "a meter")]
    gauge!("log_size").set(grown.size as f64);
    Ok(placed)
}

fn signed(deps: &Deps, size: u64, root: Hash) -> Result<log_checkpoint::Model, Error> {
    let at = deps.clock.now();
    let checkpoint = deps.log.checkpoint(size, root);
    let (kid, note) = deps.keyring.issue_checkpoint(&checkpoint, at)?;
    Ok(log_checkpoint::Model {
        size: size.cast_signed(),
        root: root.to_vec(),
        note,
        kid: kid.as_bytes().to_vec(),
        at,
    })
}

/// The size of the oldest checkpoint that is kept whatever its age: the newest, and the newest that enough
/// witnesses signed.
pub(super) async fn oldest_kept(deps: &Deps) -> Result<i64, Error> {
    let newest = store::newest_checkpoint(&deps.db).await?;
    let newest = newest.map_or(0, |it| it.size);
    let witnessed = reading::newest_witnessed(deps).await?;
    Ok(witnessed.map_or(newest, |it| it.size.min(newest)))
}
