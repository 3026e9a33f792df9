//! The modules of a symbol, without its quiet zone.

/// Bits of a word.
const WORD: usize = 64;

/// A square of modules, each dark or light.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    size: usize,
    words_per_row: usize,
    /// Row by row; module `x` of a row is bit `x % 64` of its word `x / 64`; set is dark. Bits past
    /// the last module are clear.
    words: Vec<u64>,
}

impl Matrix {
    /// `size` rows of `size` modules, where `is_dark(x, y)` says which are dark.
    #[must_use]
    pub fn from_fn(size: usize, mut is_dark: impl FnMut(usize, usize) -> bool) -> Self {
        let words_per_row = size.div_ceil(WORD);
        let mut words = Vec::with_capacity(size * words_per_row);
        for y in 0..size {
            for start in (0..size).step_by(WORD) {
                let end = size.min(start + WORD);
                let dark = (start..end).filter(|x| is_dark(*x, y));
                words.push(dark.fold(0, |word, x| word | 1 << (x - start)));
            }
        }
        Self {
            size,
            words_per_row,
            words,
        }
    }

    /// One word a row, for symbols of at most 64 modules a side. Bits past the last module are clear.
    pub(super) fn from_rows<const N: usize>(rows: [u64; N]) -> Self {
        const { assert!(N <= WORD) }
        Self {
            size: N,
            words_per_row: 1,
            words: rows.to_vec(),
        }
    }

    /// Modules a side.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// Whether the module in column `x` of row `y` is dark. Outside the symbol all is light.
    #[must_use]
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        let word = self
            .rows()
            .nth(y)
            .and_then(|row| row.get(x / WORD).copied())
            .unwrap_or_default();
        word >> (x % WORD) & 1 == 1
    }

    /// The rows from the top, each as words whose lowest bit is leftmost.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[u64]> {
        self.words.chunks_exact(self.words_per_row.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_is_where_it_was_put() {
        for size in [21, 45, 63, 64, 65, 177] {
            let is_dark = |x: usize, y: usize| (x * 7 + y * 13) % 5 < 2;
            let matrix = Matrix::from_fn(size, is_dark);
            for y in 0..size + 2 {
                for x in 0..size + 80 {
                    let inside = x < size && y < size;
                    assert_eq!(matrix.is_dark(x, y), inside && is_dark(x, y), "{x} {y}");
                }
            }
        }
    }
}
