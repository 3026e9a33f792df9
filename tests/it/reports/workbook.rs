//! What is in a workbook.

use std::{collections::BTreeMap, io::Read};

use flate2::read::DeflateDecoder;

fn number(bytes: &[u8], at: usize, width: usize) -> usize {
    let bytes = &bytes[at..at + width];
    bytes
        .iter()
        .rev()
        .fold(0, |sum, byte| (sum << 8) | usize::from(*byte))
}

/// The texts of a ZIP archive by their names, found through its directory.
pub(crate) fn parts(archive: &[u8]) -> BTreeMap<String, String> {
    let end = archive
        .windows(4)
        .rposition(|window| window == b"PK\x05\x06")
        .expect("an archive");
    let mut at = number(archive, end + 16, 4);
    let mut parts = BTreeMap::new();
    for _ in 0..number(archive, end + 10, 2) {
        assert_eq!(&archive[at..at + 4], b"PK\x01\x02");
        let (method, size) = (number(archive, at + 10, 2), number(archive, at + 20, 4));
        let (name, extra, comment) = (
            number(archive, at + 28, 2),
            number(archive, at + 30, 2),
            number(archive, at + 32, 2),
        );
        let local = number(archive, at + 42, 4);
        let data = local + 30 + number(archive, local + 26, 2) + number(archive, local + 28, 2);
        let packed = &archive[data..data + size];
        let mut text = String::new();
        match method {
            0 => text = String::from_utf8(packed.to_vec()).unwrap(),
            _ => drop(
                DeflateDecoder::new(packed)
                    .read_to_string(&mut text)
                    .unwrap(),
            ),
        }
        let title = String::from_utf8(archive[at + 46..at + 46 + name].to_vec()).unwrap();
        parts.insert(title, text);
        at += 46 + name + extra + comment;
    }
    parts
}
