//! Whom the rows of a chunk are about, until that is known.

use crate::identity::DocumentKey;

/// What the document of each row may be kept under, all rows in one stretch of memory: under as many
/// keys each, and keys are as long.
#[derive(Debug, Default)]
pub(super) struct Sought {
    bytes: Vec<u8>,
    length: usize,
    versions: usize,
}

impl Sought {
    /// Seek whoever's document is kept under one of `keys`, for the next row.
    pub(super) fn push(&mut self, keys: &[DocumentKey]) {
        self.versions = keys.len();
        for key in keys {
            self.length = key.len();
            self.bytes.extend(key);
        }
    }

    /// Under how many keys each document may be kept.
    pub(super) fn versions(&self) -> usize {
        self.versions
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> usize {
        let row = self.length * self.versions;
        self.bytes.len().checked_div(row).unwrap_or_default()
    }

    /// What the document of the row at `at` may be kept under by the key of `version`.
    pub(super) fn key(&self, at: usize, version: usize) -> Option<&[u8]> {
        let from = (at * self.versions + version) * self.length;
        self.bytes.get(from..from + self.length)
    }
}
