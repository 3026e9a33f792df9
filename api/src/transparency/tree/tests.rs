use proptest::prelude::*;

use super::*;

/// What the tests of Certificate Transparency put into the leaves.
const LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];

/// The roots of the trees of the first one to eight of these.
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/// Index (from one), size, and the published proof.
const INCLUSIONS: [(u64, u64, &[&str]); 5] = [
    (
        1,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        &[
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        3,
        3,
        &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    ),
    (
        2,
        5,
        &[
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
    (1, 1, &[]),
];

/// Two sizes, and the published proof.
const CONSISTENCIES: [(u64, u64, &[&str]); 4] = [
    (1, 1, &[]),
    (
        1,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        &[
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        &[
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
];

fn hash(hexadecimal: &str) -> Hash {
    hex::decode(hexadecimal).unwrap().try_into().unwrap()
}

fn hashes(hexadecimal: &[&str]) -> Vec<Hash> {
    hexadecimal.iter().map(|text| hash(text)).collect()
}

/// The tiles of a tree of `leaves`, and its root after each of them that is `asked` for.
fn grown(leaves: impl Iterator<Item = Hash>, asked: impl Fn(u64) -> bool) -> (Tiles, Vec<Hash>) {
    let (mut tiles, mut roots, mut growing) =
        (Tiles::default(), vec![empty_root()], Growing::default());
    for leaf in leaves {
        for full in growing.push(leaf) {
            tiles.insert(full.at, full.hashes);
        }
        let known = asked(growing.size).then(|| growing.root());
        roots.push(known.unwrap_or_default());
    }
    for ((at, _), hashes) in edge_of(growing.size).zip(growing.edge) {
        if !hashes.is_empty() {
            tiles.insert(at, hashes);
        }
    }
    (tiles, roots)
}

fn published() -> (Tiles, Vec<Hash>) {
    grown(
        LEAVES
            .iter()
            .map(|leaf| leaf_hash(&hex::decode(leaf).unwrap())),
        |_| true,
    )
}

/// A tree of `size` leaves, none of which is like another.
fn numbered(size: u64, asked: impl Fn(u64) -> bool) -> (Tiles, Vec<Hash>) {
    grown((0..size).map(|leaf| leaf_hash(&leaf.to_be_bytes())), asked)
}

#[test]
fn the_tree_without_leaves_has_the_published_root() {
    let published = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(empty_root(), hash(published));
    assert_eq!(Growing::default().root(), empty_root());
}

#[test]
fn roots_are_those_of_certificate_transparency() {
    let (tiles, roots) = published();
    for (size, published) in (1..).zip(ROOTS) {
        assert_eq!(root(size, &mut |at| tiles.hash(at)), Some(hash(published)));
        assert_eq!(roots[usize::try_from(size).unwrap()], hash(published));
    }
}

#[test]
fn proofs_are_those_of_certificate_transparency() {
    let (tiles, roots) = published();
    for (leaf, size, published) in INCLUSIONS {
        let proof = inclusion(leaf - 1, size, &mut |at| tiles.hash(at));
        assert_eq!(proof, Some(hashes(published)), "{leaf} of {size}");
    }
    for (before, size, published) in CONSISTENCIES {
        let proof = consistency(before, size, &mut |at| tiles.hash(at)).unwrap();
        assert_eq!(proof, hashes(published), "{before} of {size}");
        let root = |size: u64| (size, &roots[usize::try_from(size).unwrap()]);
        assert!(continues(root(before), root(size), &proof));
    }
}

#[test]
fn every_proof_of_a_small_tree_verifies() {
    let (tiles, roots) = numbered(70, |_| true);
    for size in 0..=70 {
        let new = &roots[usize::try_from(size).unwrap()];
        for before in 0..=size {
            let old = &roots[usize::try_from(before).unwrap()];
            let proof = consistency(before, size, &mut |at| tiles.hash(at)).unwrap();
            assert!(
                continues((before, old), (size, new), &proof),
                "{before} {size}"
            );
        }
        for index in 0..size {
            let proof = inclusion(index, size, &mut |at| tiles.hash(at)).unwrap();
            let leaf = leaf_hash(&index.to_be_bytes());
            assert!(includes(leaf, index, size, &proof, new), "{index} {size}");
        }
    }
}

#[test]
fn a_tree_goes_on_growing_from_its_edge_alone() {
    let sizes = [1, 255, 256, 257, 65_535, 65_536, 65_537];
    let (tiles, roots) = numbered(65_600, |size| {
        sizes.contains(&size) || sizes.contains(&(size - 1))
    });
    for size in sizes {
        let edge = edge_of(size).map(|(at, width)| {
            let known = |index| {
                tiles.hash(Subtree {
                    height: at.level * TILE_HEIGHT,
                    index,
                })
            };
            let from = at.index * TILE_WIDTH;
            (from..from + width)
                .map(|index| known(index).unwrap())
                .collect()
        });
        let mut growing = Growing::from(size, edge.collect()).unwrap();
        let root = |size: u64| roots[usize::try_from(size).unwrap()];
        assert_eq!(growing.root(), root(size), "{size}");
        growing.push(leaf_hash(&size.to_be_bytes()));
        assert_eq!(growing.root(), root(size + 1), "{size} and one");
    }
    assert!(Growing::from(3, vec![vec![[0; 32]; 2]]).is_none());
    assert!(Growing::from(256, vec![Vec::new()]).is_none());
}

#[test]
fn addresses_are_written_as_everybody_writes_them() {
    let at = |level, index| TileAt { level, index };
    for (tile, width, path) in [
        (at(0, 0), 256, "tile/0/000"),
        (at(0, 5), 7, "tile/0/005.p/7"),
        (at(1, 999), 256, "tile/1/999"),
        (at(2, 1_234_067), 256, "tile/2/x001/x234/067"),
        (at(0, 1_000), 255, "tile/0/x001/000.p/255"),
    ] {
        assert_eq!(tile.path(width), path);
        let written = path.splitn(3, '/').last().unwrap();
        assert_eq!(read_index(written), Some((tile.index, width)), "{path}");
    }
    for wrong in [
        "",
        "0",
        "00",
        "0000",
        "x000/001",
        "1000",
        "001/002",
        "x001/x002",
        "001.p/0",
        "001.p/256",
        "001.p/257",
        "001.p/07",
        "001.p/",
        "001.p/1/2",
        "-01",
        "+01",
        "x1/000",
        "001.p/+7",
        "x018/x446/x744/x073/x709/x551/616",
        "001/",
    ] {
        assert_eq!(read_index(wrong), None, "{wrong}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_proof_of_a_large_tree_verifies_and_no_other_does(
        size in 1_u64..2_000,
        part in 0.0_f64..1.0,
        flipped in any::<(u16, u8)>(),
    ) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "small")]
        let index = (size as f64 * part) as u64;
        let (tiles, roots) = numbered(size, |at| at == index || at == size);
        let root = |size: u64| roots[usize::try_from(size).unwrap()];
        let leaf = leaf_hash(&index.to_be_bytes());
        let flip = |proof: &mut Vec<Hash>| {
            let at = usize::from(flipped.0) % (proof.len() * DIGEST_BYTES);
            proof[at / DIGEST_BYTES][at % DIGEST_BYTES] ^= 1 << (flipped.1 % 8);
        };

        let proof = inclusion(index, size, &mut |at| tiles.hash(at)).unwrap();
        prop_assert!(proof.len() <= LONGEST_PROOF);
        prop_assert!(includes(leaf, index, size, &proof, &root(size)));
        prop_assert!(!includes(leaf, index + 1, size, &proof, &root(size)));
        prop_assert!(!includes(node_hash(&leaf, &leaf), index, size, &proof, &root(size)));
        prop_assert!(!includes(leaf, index, size, &proof, &node_hash(&leaf, &leaf)));
        let longer = [proof.as_slice(), &[leaf]].concat();
        prop_assert!(!includes(leaf, index, size, &longer, &root(size)));
        if !proof.is_empty() {
            prop_assert!(!includes(leaf, index, size, &proof[1..], &root(size)));
            let mut wrong = proof.clone();
            flip(&mut wrong);
            prop_assert!(!includes(leaf, index, size, &wrong, &root(size)));
        }

        let (old, new) = (root(index), root(size));
        let proof = consistency(index, size, &mut |at| tiles.hash(at)).unwrap();
        prop_assert!(continues((index, &old), (size, &new), &proof));
        prop_assert!(!continues((index, &leaf), (size, &new), &proof));
        let longer = [proof.as_slice(), &[leaf]].concat();
        prop_assert!(!continues((index, &old), (size, &new), &longer));
        if !proof.is_empty() {
            prop_assert!(!continues((index, &old), (size, &leaf), &proof));
            let mut wrong = proof.clone();
            flip(&mut wrong);
            prop_assert!(!continues((index, &old), (size, &new), &wrong));
        }
    }

    #[test]
    fn what_a_proof_needs_of_tiles_is_known_beforehand(size in 1_u64..1_000_000_000, part in any::<u64>()) {
        let index = part % size;
        let needed = tiles_for(|known| inclusion(index, size, known));
        prop_assert!(needed.len() <= 8);
        prop_assert!(needed.iter().all(|tile| tile.width_in(size) > 0));
    }
}
