//! The word of the minute.

use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta, Utc};
use entity::values::VenueId;
use serde::Serialize;
use utoipa::ToSchema;

use super::CodeKeys;

/// Seconds that a word holds.
const HOLDS: i64 = 60;

static FIRST: LazyLock<Vec<Pair>> = LazyLock::new(|| pairs(include_str!("../data/first.txt")));
static SECOND: LazyLock<Vec<Pair>> = LazyLock::new(|| pairs(include_str!("../data/second.txt")));

/// One thing in Chinese and English.
type Pair = (&'static str, &'static str);

/// What the screen of a venue and every true answer to a scan there show in one minute. A page that only
/// looks like ours does not know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Word {
    /// In Chinese.
    #[schema(example = "熊猫 茶壶")]
    pub zh: String,
    /// In English.
    #[schema(example = "panda teapot")]
    pub en: String,
}

impl Word {
    /// The word of `venue` in the minute of `now`.
    #[must_use]
    pub fn of(keys: &CodeKeys, venue: VenueId, now: DateTime<Utc>) -> Self {
        let minute = now.timestamp().div_euclid(HOLDS).to_be_bytes();
        let [first, second, ..] = keys.tag(&[b"w1", venue.0.as_bytes(), &minute]);
        let (first, second) = (nth(&FIRST, first), nth(&SECOND, second));
        Self {
            zh: format!("{} {}", first.0, second.0),
            en: format!("{} {}", first.1, second.1),
        }
    }
}

/// When the word that holds at `now` holds no more.
#[must_use]
pub fn minute_ends(now: DateTime<Utc>) -> DateTime<Utc> {
    let began = now.timestamp().div_euclid(HOLDS) * HOLDS;
    DateTime::from_timestamp(began, 0).unwrap_or(now) + TimeDelta::seconds(HOLDS)
}

fn nth(pairs: &[Pair], at: u8) -> Pair {
    pairs.get(usize::from(at)).copied().unwrap_or_default()
}

fn pairs(text: &'static str) -> Vec<Pair> {
    let both = |line: &'static str| line.split_once(' ').unwrap_or_default();
    text.lines().map(both).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use uuid::Uuid;

    use super::*;

    #[test]
    fn there_are_256_things_of_each_kind_and_none_is_another() {
        for list in [&FIRST, &SECOND] {
            let chinese: BTreeSet<_> = list.iter().map(|pair| pair.0).collect();
            let english: BTreeSet<_> = list.iter().map(|pair| pair.1).collect();
            assert_eq!((chinese.len(), english.len(), list.len()), (256, 256, 256));
            assert!(!chinese.contains("") && !english.contains(""));
        }
    }

    #[test]
    fn a_word_holds_for_its_minute_at_its_venue() {
        let keys = CodeKeys::new(&[[7; 32]]);
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let word = |venue, time| Word::of(&keys, VenueId(Uuid::from_u128(venue)), at(time));
        let noon = word(1, "2026-03-02T04:00:00Z");
        assert_eq!(noon, word(1, "2026-03-02T04:00:59.999Z"));
        assert_ne!(noon, word(1, "2026-03-02T04:01:00Z"));
        assert_ne!(noon, word(2, "2026-03-02T04:00:00Z"));
        let other = CodeKeys::new(&[[8; 32]]);
        let elsewhere = VenueId(Uuid::from_u128(1));
        assert_ne!(
            noon,
            Word::of(&other, elsewhere, at("2026-03-02T04:00:00Z"))
        );
        let ends = minute_ends(at("2026-03-02T04:00:59.999Z"));
        assert_eq!(ends, at("2026-03-02T04:01:00Z"));
    }
}
