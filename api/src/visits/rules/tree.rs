//! A Merkle tree (RFC 9162 §2.1) that grows by one leaf at a time and remembers one hash a level.

use aws_lc_rs::digest::{Context, SHA256};

/// A hash.
pub(in crate::visits) type Hash = [u8; 32];

/// The tree of the leaves so far.
#[derive(Debug, Default)]
pub(in crate::visits) struct Tree {
    /// Roots of full trees, the largest first: one for each bit of `leaves`.
    peaks: Vec<Hash>,
    leaves: u64,
}

impl Tree {
    /// One more leaf.
    pub(in crate::visits) fn add(&mut self, leaf: &[u8]) {
        let mut hash = hash(&[&[0], leaf]);
        let mut below = self.leaves;
        while below & 1 == 1 {
            if let Some(left) = self.peaks.pop() {
                hash = node(&left, &hash);
            }
            below >>= 1;
        }
        self.peaks.push(hash);
        self.leaves += 1;
    }

    /// How many leaves there are.
    pub(in crate::visits) fn leaves(&self) -> u64 {
        self.leaves
    }

    /// The root; of no leaves, the hash of nothing.
    pub(in crate::visits) fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else {
            return hash(&[]);
        };
        peaks.fold(*last, |right, left| node(left, &right))
    }
}

fn node(left: &Hash, right: &Hash) -> Hash {
    hash(&[&[1], left, right])
}

fn hash(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut hash = Hash::default();
    for (into, byte) in hash.iter_mut().zip(context.finish().as_ref()) {
        *into = *byte;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the standard defines it, by halves.
    fn by_halves(leaves: &[Vec<u8>]) -> Hash {
        match leaves {
            [] => hash(&[]),
            [one] => hash(&[&[0], one]),
            many => {
                let left = many.len().next_power_of_two() / 2;
                let (left, right) = many.split_at(left);
                node(&by_halves(left), &by_halves(right))
            }
        }
    }

    #[test]
    fn a_tree_that_grew_is_the_tree_of_its_leaves() {
        let leaves: Vec<Vec<u8>> = (0..70_u8).map(|leaf| vec![leaf; 3]).collect();
        let mut tree = Tree::default();
        for count in 0..leaves.len() {
            assert_eq!(tree.root(), by_halves(&leaves[..count]), "{count}");
            tree.add(&leaves[count]);
        }
        assert_eq!(tree.leaves(), 70);
        assert_eq!(
            hex::encode(Tree::default().root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }
}
