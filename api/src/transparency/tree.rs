//! The Merkle tree of RFC 9162 §2.1 (that of RFC 6962), in the tiles of C2SP tlog-tiles.
//!
//! A tree of `size` leaves is split at the largest power of two below its size, again and again. The hash
//! of a [`Subtree`] that is full never changes, and every root and every proof is made of such hashes. Tiles
//! keep 256 hashes of every eighth level of the tree; those between follow from them.

use std::collections::BTreeMap;

use crate::platform::digest::{DIGEST_BYTES, sha256};

/// A hash of the tree.
pub type Hash = [u8; DIGEST_BYTES];

/// Levels of the tree that a tile stands for.
pub const TILE_HEIGHT: u32 = 8;

/// Hashes of a full tile.
pub const TILE_WIDTH: u64 = 1 << TILE_HEIGHT;

/// Hashes of a proof, at the most: a tree has fewer than 2⁶⁴ leaves, and a consistency proof may tell of
/// both sides of one path.
pub const LONGEST_PROOF: usize = 65;

/// The hash of a leaf that holds `data`.
#[must_use]
pub fn leaf_hash(data: &[u8]) -> Hash {
    sha256(&[&[0x00], data])
}

/// The hash of what is above `left` and `right`.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[0x01], left, right])
}

/// The root of the tree without leaves.
#[must_use]
pub fn empty_root() -> Hash {
    sha256(&[])
}

/// The full subtree over the leaves from `index << height` to `(index + 1) << height`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subtree {
    /// Levels above the leaves.
    pub height: u32,
    /// Its place among those of its height.
    pub index: u64,
}

/// A tile: `level` counts those of the tree by eights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TileAt {
    /// Its level.
    pub level: u32,
    /// Its place within it.
    pub index: u64,
}

impl Subtree {
    /// The tile that its hash follows from.
    #[must_use]
    pub fn tile(self) -> TileAt {
        let (level, within) = (self.height / TILE_HEIGHT, self.height % TILE_HEIGHT);
        TileAt {
            level,
            index: (self.index << within) >> TILE_HEIGHT,
        }
    }
}

impl TileAt {
    /// How many hashes it has in a tree of `size` leaves.
    #[must_use]
    pub fn width_in(self, size: u64) -> u64 {
        let hashes = size.checked_shr(self.level * TILE_HEIGHT).unwrap_or(0);
        let before = self.index.saturating_mul(TILE_WIDTH);
        hashes.saturating_sub(before).min(TILE_WIDTH)
    }

    /// Where it lies below the address of the log, if it has `width` hashes.
    #[must_use]
    pub fn path(self, width: u64) -> String {
        format!("tile/{}/{}", self.level, index_path(self.index, width))
    }
}

/// How C2SP tlog-tiles writes a number: in threes, all but the last after an `x`; and a width that is not full.
fn index_path(index: u64, width: u64) -> String {
    let mut path = format!("{:03}", index % 1_000);
    let mut rest = index / 1_000;
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1_000);
        rest /= 1_000;
    }
    if width < TILE_WIDTH {
        path = format!("{path}.p/{width}");
    }
    path
}

/// The number and the width that `path` says, if it is written as [`TileAt::path`] writes them.
#[must_use]
pub fn read_index(path: &str) -> Option<(u64, u64)> {
    let (number, width) = match path.split_once(".p/") {
        Some((number, width)) => (number, width.parse().ok()?),
        None => (path, TILE_WIDTH),
    };
    let index = number.split('/').try_fold(0_u64, |index, part| {
        let digits = part.strip_prefix('x').unwrap_or(part);
        let value: u64 = digits.parse().ok()?;
        index.checked_mul(1_000)?.checked_add(value)
    })?;
    let plain = (1..=TILE_WIDTH).contains(&width) && index_path(index, width) == path;
    plain.then_some((index, width))
}

/// What the hashes of a full subtree are read from: none where it is not known.
pub type Known<'a> = dyn FnMut(Subtree) -> Option<Hash> + 'a;

/// The root of the tree over the leaves from `from` to `to`, where `from` is where a subtree of that size begins.
fn range(from: u64, to: u64, known: &mut Known<'_>) -> Option<Hash> {
    let size = to.checked_sub(from)?;
    if size == 0 {
        return Some(empty_root());
    }
    if size.is_power_of_two() {
        let height = size.trailing_zeros();
        return known(Subtree {
            height,
            index: from >> height,
        });
    }
    let middle = from + split(size);
    let (left, right) = (range(from, middle, known)?, range(middle, to, known)?);
    Some(node_hash(&left, &right))
}

/// The largest power of two below `size`, which is 2 at the least.
fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// The root of the first `size` leaves.
pub fn root(size: u64, known: &mut Known<'_>) -> Option<Hash> {
    range(0, size, known)
}

/// The proof that the leaf `index` is in the tree of `size` leaves. None if it is not, or something is unknown.
pub fn inclusion(index: u64, size: u64, known: &mut Known<'_>) -> Option<Vec<Hash>> {
    if index >= size {
        return None;
    }
    let (mut from, mut to, mut beside) = (0, size, Vec::new());
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            beside.push((middle, to));
            to = middle;
        } else {
            beside.push((from, middle));
            from = middle;
        }
    }
    let beside = beside.into_iter().rev();
    beside.map(|(from, to)| range(from, to, known)).collect()
}

/// The proof that the tree of `before` leaves is the beginning of that of `size` leaves.
pub fn consistency(before: u64, size: u64, known: &mut Known<'_>) -> Option<Vec<Hash>> {
    if before > size {
        return None;
    }
    if before == 0 || before == size {
        return Some(Vec::new());
    }
    let (mut from, mut to, mut beside) = (0, size, Vec::new());
    while before < to {
        let middle = from + split(to - from);
        if before <= middle {
            beside.push((middle, to));
            to = middle;
        } else {
            beside.push((from, middle));
            from = middle;
        }
    }
    if from > 0 {
        beside.push((from, to));
    }
    let beside = beside.into_iter().rev();
    beside.map(|(from, to)| range(from, to, known)).collect()
}

/// Whether `proof` shows that the leaf with the hash `leaf` is the one at `index` of the tree of `size` leaves
/// with the root `root` (RFC 9162 §2.1.3.2).
#[must_use]
pub fn includes(leaf: Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, leaf);
    for beside in proof {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(beside, &hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, beside);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether `proof` shows that the tree of `before` leaves with the root `old` is the beginning of that of `size`
/// leaves with the root `new` (RFC 9162 §2.1.4.2).
#[must_use]
pub fn continues((before, old): (u64, &Hash), (size, new): (u64, &Hash), proof: &[Hash]) -> bool {
    if before == 0 {
        return proof.is_empty() && *old == empty_root() && (size > 0 || new == old);
    }
    if before >= size {
        return before == size && proof.is_empty() && old == new;
    }
    let mut hashes = proof.iter();
    let first = if before.is_power_of_two() {
        Some(old)
    } else {
        hashes.next()
    };
    let Some(first) = first else {
        return false;
    };
    let (mut at, mut last) = (before - 1, size - 1);
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let (mut was, mut is) = (*first, *first);
    for beside in hashes {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            was = node_hash(beside, &was);
            is = node_hash(beside, &is);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            is = node_hash(&is, beside);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && was == *old && is == *new
}

/// The root of `hashes`, of which there is a power of two.
fn perfect(hashes: &[Hash]) -> Option<Hash> {
    let mut level = hashes.to_vec();
    while level.len() > 1 {
        let pairs = level.chunks(2).map(|pair| match pair {
            [left, right] => Some(node_hash(left, right)),
            _ => None,
        });
        level = pairs.collect::<Option<_>>()?;
    }
    level.pop()
}

/// Hashes of tiles, as far as they are known.
#[derive(Debug, Clone, Default)]
pub struct Tiles(BTreeMap<TileAt, Vec<Hash>>);

impl Tiles {
    /// Know the first hashes of the tile `at`.
    pub fn insert(&mut self, at: TileAt, hashes: Vec<Hash>) {
        self.0.insert(at, hashes);
    }

    /// Whether the tiles that are full are what those above them say.
    #[must_use]
    pub fn agree(&self) -> bool {
        self.0.iter().all(|(at, hashes)| {
            let (above, place) = at.parent();
            let full = u64::try_from(hashes.len()) == Ok(TILE_WIDTH);
            let said = self.0.get(&above).filter(|_| full);
            let said = said.and_then(|above| above.get(usize::try_from(place).ok()?));
            said.is_none_or(|said| perfect(hashes).as_ref() == Some(said))
        })
    }

    /// The hash of `subtree`, if its tile is known as far as that.
    #[must_use]
    pub fn hash(&self, subtree: Subtree) -> Option<Hash> {
        let within = subtree.height % TILE_HEIGHT;
        let tile = self.0.get(&subtree.tile())?;
        let from = (subtree.index << within) % TILE_WIDTH;
        let hashes = tile.get(usize::try_from(from).ok()?..)?;
        perfect(hashes.get(..1 << within)?)
    }
}

impl TileAt {
    /// The tile that has the hash of this one, if it is full, and where.
    #[must_use]
    pub fn parent(self) -> (Self, u64) {
        let above = Self {
            level: self.level + 1,
            index: self.index / TILE_WIDTH,
        };
        (above, self.index % TILE_WIDTH)
    }
}

/// A tile that is full, with what it hashes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FullTile {
    /// Which.
    pub at: TileAt,
    /// Its hashes.
    pub hashes: Vec<Hash>,
    /// One hash of the level above.
    pub root: Hash,
}

/// The right edge of a tree, which leaves are added to.
#[derive(Debug, Clone, Default)]
pub struct Growing {
    size: u64,
    /// The tile of each level that is not full.
    edge: Vec<Vec<Hash>>,
}

impl Growing {
    /// The tree of `size` leaves, whose tiles that are not full are `edge`, from the leaves up. None if these
    /// have not as many hashes as such a tree.
    #[must_use]
    pub fn from(size: u64, edge: Vec<Vec<Hash>>) -> Option<Self> {
        let fits = edge_of(size).len() == edge.len()
            && edge_of(size)
                .zip(&edge)
                .all(|((_, width), tile)| u64::try_from(tile.len()) == Ok(width));
        fits.then_some(Self { size, edge })
    }

    /// How many leaves it has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Add the leaf with the hash `leaf`. Returns the tiles that it filled, from the leaves up.
    pub fn push(&mut self, leaf: Hash) -> Vec<FullTile> {
        self.size += 1;
        let (mut filled, mut hash) = (Vec::new(), leaf);
        for level in 0_u32.. {
            let at = usize::try_from(level).unwrap_or(usize::MAX);
            if self.edge.len() <= at {
                self.edge.push(Vec::new());
            }
            let Some(tile) = self.edge.get_mut(at) else {
                break;
            };
            tile.push(hash);
            if u64::try_from(tile.len()).unwrap_or_default() < TILE_WIDTH {
                break;
            }
            let hashes = std::mem::take(tile);
            let Some(root) = perfect(&hashes) else { break };
            let index = (self.size >> ((level + 1) * TILE_HEIGHT)) - 1;
            filled.push(FullTile {
                at: TileAt { level, index },
                hashes,
                root,
            });
            hash = root;
        }
        filled
    }

    /// Its root.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut right: Option<Hash> = None;
        for tile in &self.edge {
            let mut rest = tile.as_slice();
            while !rest.is_empty() {
                let last = 1 << rest.len().trailing_zeros();
                let (before, subtree) = rest.split_at(rest.len() - last);
                let left = perfect(subtree);
                right = match (left, right) {
                    (Some(left), Some(right)) => Some(node_hash(&left, &right)),
                    (left, right) => left.or(right),
                };
                rest = before;
            }
        }
        right.unwrap_or_else(empty_root)
    }
}

/// The tiles at the right edge of a tree of `size` leaves that are not full, with their widths, from the leaves
/// up: one a level, perhaps without hashes.
#[must_use]
pub fn edge_of(size: u64) -> impl ExactSizeIterator<Item = (TileAt, u64)> {
    let levels = match size {
        0 => 0,
        _ => size.ilog2() / TILE_HEIGHT + 1,
    };
    let levels = 0..usize::try_from(levels).unwrap_or_default();
    levels.map(move |level| {
        let level = u32::try_from(level).unwrap_or_default();
        let hashes = size >> (level * TILE_HEIGHT);
        let at = TileAt {
            level,
            index: hashes / TILE_WIDTH,
        };
        (at, hashes % TILE_WIDTH)
    })
}

/// The tiles that `ask` reads.
pub fn tiles_for<T>(ask: impl FnOnce(&mut Known<'_>) -> T) -> std::collections::BTreeSet<TileAt> {
    let mut tiles = std::collections::BTreeSet::new();
    ask(&mut |subtree| {
        tiles.insert(subtree.tile());
        Some([0; DIGEST_BYTES])
    });
    tiles
}

#[cfg(test)]
mod tests;
