//! Where and when the passes of vehicles are good, as a bundle carries it: by their places in the status
//! lists, so that a pass is compared with the road and the hour without a network.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
};

use entity::values::StatusIndex;
use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};

use super::roadside::Way;
use crate::vehicle_passes::Carried;

/// Bytes that the ways of a bundle may have once they are unpacked: those of half a million passes.
const MAX_BYTES: u64 = 128 * 1024 * 1024;

/// The ways of the passes that did not end, by their places.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ways(BTreeMap<u32, Way>);

impl Ways {
    /// Those of `passes`.
    #[must_use]
    pub fn new(passes: Vec<Carried>) -> Self {
        let way = |pass: Carried| {
            let way = Way {
                aboard: pass.aboard,
                route: pass.route,
                hours: pass.hours,
                vin: pass.vin,
            };
            (pass.index.number(), way)
        };
        Self(passes.into_iter().map(way).collect())
    }

    /// That of the pass at `place`.
    #[must_use]
    pub fn of(&self, place: StatusIndex) -> Option<&Way> {
        self.0.get(&place.number())
    }

    /// The same in a bundle: a zlib stream of JSON.
    #[must_use]
    pub fn packed(&self) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        let ways: Vec<_> = self.0.iter().collect();
        // A vector takes whatever is written to it, and the keys of a pair are numbers.
        let json = serde_json::to_vec(&ways).unwrap_or_default();
        let _ = encoder.write_all(&json);
        encoder.finish().unwrap_or_default()
    }

    /// Those that `packed` holds, if it is what a bundle carries.
    #[must_use]
    pub fn unpacked(packed: &[u8]) -> Option<Self> {
        let mut json = Vec::new();
        let mut decoder = ZlibDecoder::new(packed).take(MAX_BYTES + 1);
        decoder.read_to_end(&mut json).ok()?;
        if json.len() as u64 > MAX_BYTES {
            return None;
        }
        let ways: Vec<(u32, Way)> = serde_json::from_slice(&json).ok()?;
        Some(Self(ways.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_packed_is_unpacked_and_nothing_else_is() {
        let way: Way = serde_json::from_value(json!({
            "aboard": 3,
            "route": {"kind": "sections", "sections": ["120102-0007"]},
            "hours": {
                "weekdays": ["mon"], "from": "22:00", "until": "05:00",
                "first": "2026-03-02", "last": "2026-03-31",
            },
        }))
        .unwrap();
        let place = StatusIndex::new(3, 999_999).unwrap();
        let ways = Ways([(place.number(), way.clone())].into());
        let read = Ways::unpacked(&ways.packed()).unwrap();
        assert_eq!(read.of(place), Some(&way));
        assert_eq!(read.of(StatusIndex::from_number(7)), None);
        assert_eq!(
            Ways::unpacked(&Ways::default().packed()),
            Some(Ways::default())
        );
        assert_eq!(Ways::unpacked(b"no zlib"), None);
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(b"[[1, {\"aboard\": 1}]]").unwrap();
        assert_eq!(Ways::unpacked(&encoder.finish().unwrap()), None);
    }
}
