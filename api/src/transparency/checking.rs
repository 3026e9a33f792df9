//! Use case: compare the audit log with the tree, for somebody who may read both.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use chrono::{DateTime, Utc};
use entity::{audit_entry, log_entry};
use sea_orm::{DatabaseConnection, DbErr};
use uuid::Uuid;

use super::{
    store,
    tree::{FullTile, Growing, Hash, leaf_hash},
};
use crate::audit;

/// Rows that are read together.
const AT_ONCE: u64 = 1_000;

/// Something that is not as it was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// The entry is not what its leaf holds: one of them was changed.
    Changed(Uuid),
    /// The log has a leaf of the entry, which is gone.
    Gone(Uuid),
    /// The entry has no leaf: somebody wrote it past the log, or removed the leaf.
    Unlogged(Uuid),
    /// There is no leaf at this place, or one too many.
    Place(u64),
    /// A tile is not what the leaves below it hash to.
    Tile {
        /// Its level.
        level: u32,
        /// Its place within it.
        index: u64,
    },
    /// What was signed of the tree of so many leaves is not what these hash to.
    Checkpoint(u64),
    /// The tree is not as large as the leaves say, or does not have their root.
    Head,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed(id) => write!(f, "entry {id} was changed, or its leaf was"),
            Self::Gone(id) => write!(f, "entry {id} is gone"),
            Self::Unlogged(id) => write!(f, "entry {id} is not in the log"),
            Self::Place(place) => write!(f, "the leaf at {place} is not where it was"),
            Self::Tile { level, index } => {
                write!(f, "tile {index} of level {level} was changed")
            }
            Self::Checkpoint(size) => write!(f, "the first {size} leaves are not those signed"),
            Self::Head => write!(f, "the head of the log was changed"),
        }
    }
}

/// What was compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Leaves of the tree.
    pub leaves: u64,
    /// Leaves that wait for their place.
    pub waiting: u64,
    /// Entries that are older than the log.
    pub older: u64,
    /// What does not fit.
    pub findings: BTreeSet<Finding>,
}

/// Compare each entry of the audit log with its leaf, the leaves with the tree, and the tree with what was signed
/// of it: here, and as it was kept `outside`, a size and a root each. Only for a role that may read the
/// audit log.
pub async fn check(db: &DatabaseConnection, outside: &[(u64, Hash)]) -> Result<Checked, DbErr> {
    let head = store::head(db).await?;
    let size = head.size.cast_unsigned();
    let mut signed: BTreeMap<u64, Vec<Vec<u8>>> = BTreeMap::new();
    let own = store::checkpoints(db, head.size).await?;
    let own = own.into_iter().map(|it| (it.size.cast_unsigned(), it.root));
    let outside = outside.iter().map(|(size, root)| (*size, root.to_vec()));
    for (size, root) in own.chain(outside) {
        signed.entry(size).or_default().push(root);
    }
    let mut check = Check {
        db,
        tree: Growing::default(),
        signed,
        began: None,
        done: Checked::default(),
    };
    check.compare_signed();
    while check.tree.size() < size && check.window(size).await? {}
    if check.tree.size() != size || check.tree.root().as_slice() != head.root {
        check.done.findings.insert(Finding::Head);
    }
    for left in check.signed.keys() {
        check.done.findings.insert(Finding::Checkpoint(*left));
    }
    check.done.leaves = check.tree.size();
    check.entries().await?;
    Ok(check.done)
}

struct Check<'a> {
    db: &'a DatabaseConnection,
    tree: Growing,
    /// Roots by size that were not compared yet.
    signed: BTreeMap<u64, Vec<Vec<u8>>>,
    /// When the first entry was recorded that has a leaf.
    began: Option<DateTime<Utc>>,
    done: Checked,
}

impl Check<'_> {
    /// Compare the next leaves of a tree of `size`. `false` if there are none.
    async fn window(&mut self, size: u64) -> Result<bool, DbErr> {
        let from = self.tree.size();
        let rows = store::entries(self.db, from, AT_ONCE.min(size - from)).await?;
        if rows.is_empty() {
            return Ok(false);
        }
        let entries = self.entries_of(&rows).await?;
        for (place, row) in (from..).zip(rows) {
            if row.position.cast_unsigned() != place {
                self.done.findings.insert(Finding::Place(place));
                return Ok(false);
            }
            let id = row.audit_id;
            match entries.get(&id) {
                None => self.found(Finding::Gone(id)),
                Some(entry) if !is_as_recorded(entry, &row.commitment) => {
                    self.found(Finding::Changed(id));
                }
                Some(_) => {}
            }
            self.began = self.began.or(Some(row.at));
            for tile in self.tree.push(leaf_hash(&row.commitment)) {
                self.compare_tile(&tile).await?;
            }
            self.compare_signed();
        }
        Ok(true)
    }

    fn found(&mut self, finding: Finding) {
        self.done.findings.insert(finding);
    }

    async fn entries_of(
        &self,
        rows: &[log_entry::Model],
    ) -> Result<BTreeMap<Uuid, audit_entry::Model>, DbErr> {
        let ids = rows.iter().map(|row| row.audit_id).collect();
        let entries = audit::entries(self.db, ids).await?;
        Ok(entries.into_iter().map(|it| (it.id, it)).collect())
    }

    async fn compare_tile(&mut self, tile: &FullTile) -> Result<(), DbErr> {
        let (level, index) = (tile.at.level, tile.at.index);
        let kept = store::tile(self.db, level, index).await?;
        let fits = kept.is_some_and(|it| it.hashes == tile.hashes.concat() && it.root == tile.root);
        if !fits {
            self.found(Finding::Tile { level, index });
        }
        Ok(())
    }

    fn compare_signed(&mut self) {
        let size = self.tree.size();
        let roots = self.signed.remove(&size).unwrap_or_default();
        if roots.iter().any(|root| *root != self.tree.root()) {
            self.found(Finding::Checkpoint(size));
        }
    }

    /// Find the entries that have no leaf.
    async fn entries(&mut self) -> Result<(), DbErr> {
        let mut after = None;
        loop {
            let entries = audit::entries_after(self.db, after, AT_ONCE).await?;
            let Some(last) = entries.last() else {
                return Ok(());
            };
            after = Some(last.id);
            let ids: Vec<Uuid> = entries.iter().map(|it| it.id).collect();
            // In this order: a leaf that is given its place meanwhile is found there.
            let waiting = store::waiting_of(self.db, ids.clone()).await?;
            let placed: BTreeSet<Uuid> =
                store::placed_of(self.db, ids).await?.into_iter().collect();
            for entry in entries.iter().filter(|it| !placed.contains(&it.id)) {
                let leaf = waiting.iter().find(|it| it.id == entry.id);
                match leaf {
                    Some(leaf) if is_as_recorded(entry, &leaf.commitment) => self.done.waiting += 1,
                    Some(_) => self.found(Finding::Changed(entry.id)),
                    None if self.is_older(entry) => self.done.older += 1,
                    None => self.found(Finding::Unlogged(entry.id)),
                }
            }
        }
    }

    /// Whether `entry` is older than the log.
    fn is_older(&self, entry: &audit_entry::Model) -> bool {
        entry.salt.is_none() && self.began.is_none_or(|began| entry.at < began)
    }
}

/// Whether `entry` is what was committed to. One that cannot be read as it was written is not.
fn is_as_recorded(entry: &audit_entry::Model, commitment: &[u8]) -> bool {
    matches!(audit::commitment_of(entry), Ok(Some(it)) if it.as_slice() == commitment)
}
