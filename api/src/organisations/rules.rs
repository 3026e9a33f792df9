//! What holds of units, their sessions and their agents.

use chrono::{DateTime, TimeDelta, Utc};
use entity::values::SocialCreditCode;

/// Whether `text` says something, in characters that are seen: what steers a script or is left out when it
/// is drawn makes two names that look like one.
#[must_use]
pub fn is_legible(text: &str) -> bool {
    let is_seen = |c: char| !c.is_whitespace();
    text.chars().any(is_seen) && !text.chars().any(|c| c.is_control() || is_invisible(c))
}

/// The characters of general category `Cf`, those with `Default_Ignorable_Code_Point` (Unicode 17.0), the
/// separators of lines and paragraphs, and the blank of Braille.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{890}'..='\u{891}'
            | '\u{8e2}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{110bd}'
            | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// How long a session lasts whatever happens.
pub(super) const LONGEST: TimeDelta = TimeDelta::hours(12);

/// How long a session lasts that nobody uses.
const IDLE: TimeDelta = TimeDelta::minutes(30);

/// How exactly the last use is noted.
const NOTED: TimeDelta = TimeDelta::minutes(1);

/// How long sessions that are over are remembered.
pub(super) const REMEMBERED: TimeDelta = TimeDelta::days(30);

/// How long an invitation may be accepted.
pub(super) const INVITED: TimeDelta = TimeDelta::days(7);

/// People whom a unit asked to act for it and who may still accept, or did, at the most.
pub(super) const MOST_AGENTS: u64 = 20;

/// Whether a session goes on.
pub(super) fn goes_on(
    now: DateTime<Utc>,
    ended: bool,
    expires_at: DateTime<Utc>,
    used_at: DateTime<Utc>,
) -> bool {
    !ended && now < expires_at && now < used_at + IDLE
}

/// Whether a use at `now` is noted after one at `used_at`.
pub(super) fn is_noted(now: DateTime<Utc>, used_at: DateTime<Utc>) -> bool {
    now >= used_at + NOTED
}

/// Where a unit is registered, seen from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Here.
    Here,
    /// With the central government, so it may be anywhere: a reviewer decides.
    Central,
    /// Elsewhere.
    Elsewhere,
}

/// Where the unit with `code` is registered, seen from a place whose divisions begin with one of
/// `prefixes`.
#[must_use]
pub fn standing<'a>(
    code: &SocialCreditCode,
    prefixes: impl IntoIterator<Item = &'a str>,
) -> Standing {
    let division = code.division();
    let here = |prefix: &str| {
        division
            .as_ref()
            .is_some_and(|division| division.code().starts_with(prefix))
    };
    if prefixes.into_iter().any(here) {
        Standing::Here
    } else if code.is_central() {
        Standing::Central
    } else {
        Standing::Elsewhere
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_unused_after_half_an_hour_and_used_after_twelve() {
        let began = DateTime::UNIX_EPOCH;
        let ends = began + LONGEST;
        let second = TimeDelta::seconds(1);
        for (now, ended, used_at, goes) in [
            (began, false, began, true),
            (began + IDLE - second, false, began, true),
            (began + IDLE, false, began, false),
            (ends - second, false, ends - IDLE, true),
            (ends, false, ends, false),
            (began, true, began, false),
        ] {
            assert_eq!(goes_on(now, ended, ends, used_at), goes, "{now} {used_at}");
        }
    }

    #[test]
    fn a_name_is_made_of_characters_that_are_seen() {
        for name in ["人民广场书店", "Café 24", "№ 1 — 店"] {
            assert!(is_legible(name), "{name}");
        }
        for blank in ["", "　", "\u{200b}", "\u{2800}", "\u{3164}"] {
            assert!(!is_legible(blank), "{blank:?}");
        }
        for hidden in [
            "书\u{200b}店",
            "书\u{202e}店",
            "书店\u{feff}",
            "书\u{7}店",
            "\u{e0041}店",
        ] {
            assert!(!is_legible(hidden), "{hidden:?}");
        }
    }

    #[test]
    fn a_unit_is_registered_here_or_centrally_or_elsewhere() {
        let seen = |code: &str| {
            let code = SocialCreditCode::parse(code).unwrap();
            standing(&code, ["31"])
        };
        assert_eq!(seen("91310115MA1H7ABC80"), Standing::Here);
        assert_eq!(seen("12100000400009880K"), Standing::Central);
        assert_eq!(seen("91110000600037341L"), Standing::Elsewhere);
    }
}
