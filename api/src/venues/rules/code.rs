//! The text of codes on doors and on screens.
//!
//! `https://<host>/v/` and, in base64url, 12 random bytes and a tag of 4 for a printed code; 12 bytes, a
//! window of half a minute and a tag of 8 for a screen. Without the key nobody makes one, so what was made
//! up is turned away before anything is looked up; and whoever wants a code of a certain venue has to know
//! its 12 bytes.

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use entity::values::Assurance;

/// Random bytes of a code.
const ID: usize = 12;
/// Characters of a printed code after the address.
const PRINTED: usize = 22;
/// The same of a code on a screen.
const SHOWN: usize = 32;
/// How long a code on a screen is shown.
const WINDOW: TimeDelta = TimeDelta::seconds(30);
/// By how much the clocks of two instances may differ.
const SKEW: TimeDelta = TimeDelta::seconds(5);

/// Which code: 12 random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CodeId(pub [u8; ID]);

impl CodeId {
    /// As it is kept: 16 characters of base64url.
    #[must_use]
    pub fn text(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What [`CodeId::text`] wrote.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }
}

/// Why a text names no venue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// It is no venue code, or somebody else's.
    #[error("not a venue code of this service")]
    Foreign,
    /// It was ours before somebody wrote it in capitals.
    #[error("a venue code in capitals")]
    UpperCased,
    /// Its end is missing.
    #[error("a part of a venue code")]
    Truncated,
    /// Its tag is not ours.
    #[error("a venue code that was made up")]
    Forged,
    /// It is a picture of a screen: its half minute is over.
    #[error("the time of the code on the screen is over")]
    WindowOver,
}

/// The keys of codes and words: the first makes, all recognise.
#[derive(Debug)]
pub struct CodeKeys(Vec<hmac::Key>);

/// A code for a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotating {
    /// What it says after the address.
    pub code: String,
    /// When the next one is shown in its place.
    pub until: DateTime<Utc>,
}

impl CodeKeys {
    /// The keys with these secrets, of which there is one at least.
    #[must_use]
    pub fn new<S: AsRef<[u8]>>(secrets: &[S]) -> Self {
        let key = |secret: &S| hmac::Key::new(hmac::HMAC_SHA256, secret.as_ref());
        Self(secrets.iter().map(key).collect())
    }

    /// The tag of `parts` under the key that makes.
    pub(super) fn tag(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.0.first().map_or([0; 32], |key| tag(key, parts))
    }

    /// Whether `given` is the beginning of the tag of `parts` under any key.
    fn recognise(&self, parts: &[&[u8]], given: &[u8]) -> bool {
        self.0.iter().any(|key| {
            let whole = tag(key, parts);
            let begins = whole.get(..given.len());
            begins.is_some_and(|tag| verify_slices_are_equal(tag, given).is_ok())
        })
    }

    /// The printed code, without its address: 22 characters.
    #[must_use]
    pub fn printed(&self, id: CodeId) -> String {
        let [a, b, c, d, ..] = self.tag(&[b"v1", &id.0]);
        BASE64_URL_SAFE_NO_PAD.encode([&id.0[..], &[a, b, c, d]].concat())
    }

    /// The code that a screen shows at `now`: 32 characters.
    #[must_use]
    pub fn rotating(&self, id: CodeId, now: DateTime<Utc>) -> Rotating {
        let window = window_at(now);
        let number = window.to_be_bytes();
        let [a, b, c, d, e, f, g, h, ..] = self.tag(&[b"r1", &id.0, &number]);
        let bytes = [&id.0[..], &number, &[a, b, c, d, e, f, g, h]].concat();
        Rotating {
            code: BASE64_URL_SAFE_NO_PAD.encode(bytes),
            until: begin_of(window) + WINDOW,
        }
    }

    /// Which code `text` is at `now`, and how sure it is that who scanned it was there. `address` is what
    /// comes before codes: `https://<host>/v/`. Without it, a code is what a mini-program gets as `scene`.
    pub fn read(
        &self,
        address: &str,
        text: &str,
        now: DateTime<Utc>,
    ) -> Result<(CodeId, Assurance), CodeError> {
        let code = code_in(address, text)?;
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(code);
        let bytes = bytes.map_err(|_| CodeError::Forged)?;
        let (id, rest) = bytes
            .split_first_chunk::<ID>()
            .ok_or(CodeError::Truncated)?;
        let id = CodeId(*id);
        let Some((number, given)) = rest
            .split_first_chunk::<4>()
            .filter(|(_, tag)| !tag.is_empty())
        else {
            let ours = self.recognise(&[b"v1", &id.0], rest);
            return ours
                .then_some((id, Assurance::StaticOnly))
                .ok_or(CodeError::Forged);
        };
        if !self.recognise(&[b"r1", &id.0, number], given) {
            return Err(CodeError::Forged);
        }
        let begin = begin_of(u32::from_be_bytes(*number));
        if (begin - SKEW..begin + WINDOW * 2).contains(&now) {
            Ok((id, Assurance::Rotating))
        } else {
            Err(CodeError::WindowOver)
        }
    }
}

/// The characters of `text` that are the code.
fn code_in<'a>(address: &str, text: &'a str) -> Result<&'a str, CodeError> {
    let alone = |text: &str| {
        let spelled = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        matches!(text.len(), PRINTED | SHOWN) && text.chars().all(spelled)
    };
    let code = match text.strip_prefix(address) {
        Some(code) => code,
        None if alone(text) => text,
        None if !text.is_empty() && address.starts_with(text) => return Err(CodeError::Truncated),
        None => {
            let before = text.get(..address.len());
            let capitals = before.is_some_and(|before| before.eq_ignore_ascii_case(address));
            return Err(if capitals {
                CodeError::UpperCased
            } else {
                CodeError::Foreign
            });
        }
    };
    match code.len() {
        PRINTED | SHOWN => Ok(code),
        shorter if shorter < SHOWN => Err(CodeError::Truncated),
        _ => Err(CodeError::Forged),
    }
}

fn window_at(now: DateTime<Utc>) -> u32 {
    u32::try_from(now.timestamp().div_euclid(WINDOW.num_seconds())).unwrap_or_default()
}

fn begin_of(window: u32) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(i64::from(window) * WINDOW.num_seconds())
}

fn tag(key: &hmac::Key, parts: &[&[u8]]) -> [u8; 32] {
    let tag = hmac::sign(key, &parts.concat());
    tag.as_ref().try_into().unwrap_or([0; 32])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ADDRESS: &str = "https://tongxing.example/v/";
    const ID_BYTES: CodeId = CodeId([0xA7, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0xFE]);

    fn keys() -> CodeKeys {
        CodeKeys::new(&[[7; 32]])
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn noon() -> DateTime<Utc> {
        at("2026-03-02T04:00:00Z")
    }

    fn read(text: &str) -> Result<(CodeId, Assurance), CodeError> {
        keys().read(ADDRESS, text, noon())
    }

    #[test]
    fn a_printed_code_reads_back_at_any_time_and_is_sure_of_nothing() {
        let text = format!("{ADDRESS}{}", keys().printed(ID_BYTES));
        assert_eq!(text.len(), ADDRESS.len() + 22);
        for time in [noon(), at("2030-01-01T00:00:00Z")] {
            let read = keys().read(ADDRESS, &text, time);
            assert_eq!(read, Ok((ID_BYTES, Assurance::StaticOnly)));
        }
        let scene = keys().printed(ID_BYTES);
        assert_eq!(
            read(&scene),
            Ok((ID_BYTES, Assurance::StaticOnly)),
            "a mini-program's"
        );
    }

    #[test]
    fn the_layout_is_id_and_the_first_four_bytes_of_the_mac() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]);
        let mac = hmac::sign(&key, &[&b"v1"[..], &ID_BYTES.0].concat());
        let bytes = BASE64_URL_SAFE_NO_PAD
            .decode(keys().printed(ID_BYTES))
            .unwrap();
        assert_eq!(bytes[..12], ID_BYTES.0);
        assert_eq!(bytes[12..], mac.as_ref()[..4]);
    }

    #[test]
    fn a_code_of_a_screen_holds_for_its_window_and_the_next() {
        let shown = keys().rotating(ID_BYTES, noon());
        assert_eq!(shown.until, noon() + TimeDelta::seconds(30));
        let text = format!("{ADDRESS}{}", shown.code);
        for (seconds, expected) in [
            (-6, Err(CodeError::WindowOver)),
            (-5, Ok((ID_BYTES, Assurance::Rotating))),
            (0, Ok((ID_BYTES, Assurance::Rotating))),
            (59, Ok((ID_BYTES, Assurance::Rotating))),
            (60, Err(CodeError::WindowOver)),
            (86_400, Err(CodeError::WindowOver)),
        ] {
            let time = noon() + TimeDelta::seconds(seconds);
            assert_eq!(keys().read(ADDRESS, &text, time), expected, "{seconds}");
        }
    }

    #[test]
    fn what_is_not_a_whole_code_of_ours_is_refused_by_name() {
        let code = keys().printed(ID_BYTES);
        let whole = format!("{ADDRESS}{code}");
        let window = keys().rotating(ID_BYTES, noon()).code;
        for (text, expected) in [
            (String::new(), CodeError::Foreign),
            ("JK1:6BF".into(), CodeError::Foreign),
            (format!("https://evil.example/v/{code}"), CodeError::Foreign),
            (
                format!("https://tongxing.example.evil/v/{code}"),
                CodeError::Foreign,
            ),
            (
                format!("http://tongxing.example/v/{code}"),
                CodeError::Foreign,
            ),
            (
                format!("https://tongxing.example/w/{code}"),
                CodeError::Foreign,
            ),
            (whole.to_uppercase(), CodeError::UpperCased),
            (whole.replace("/v/", "/V/"), CodeError::UpperCased),
            (whole[..10].into(), CodeError::Truncated),
            (ADDRESS.into(), CodeError::Truncated),
            (whole[..whole.len() - 1].into(), CodeError::Truncated),
            (format!("{ADDRESS}{}", &window[..31]), CodeError::Truncated),
            (format!("{ADDRESS}{}", &window[..22]), CodeError::Forged),
            (format!("{whole}?a=b"), CodeError::Truncated),
            (format!("{ADDRESS}{window}x"), CodeError::Forged),
            (format!("{ADDRESS}{}", "A".repeat(22)), CodeError::Forged),
            (format!("{ADDRESS}{}", "A".repeat(32)), CodeError::Forged),
            (format!("{ADDRESS}{}", "+".repeat(22)), CodeError::Forged),
            (
                format!("{ADDRESS}{}", code.to_uppercase()),
                CodeError::Forged,
            ),
        ] {
            assert_eq!(read(&text), Err(expected), "{text}");
        }
    }

    #[test]
    fn a_code_made_under_an_older_key_is_recognised_and_none_is_made() {
        let old = keys().printed(ID_BYTES);
        let both = CodeKeys::new(&[[8; 32], [7; 32]]);
        let read = both.read(ADDRESS, &old, noon());
        assert_eq!(read, Ok((ID_BYTES, Assurance::StaticOnly)));
        assert_ne!(both.printed(ID_BYTES), old);
        assert_eq!(
            CodeKeys::new(&[[8; 32]]).read(ADDRESS, &old, noon()),
            Err(CodeError::Forged)
        );
    }

    #[test]
    fn an_id_is_kept_as_16_characters() {
        assert_eq!(ID_BYTES.text().len(), 16);
        assert_eq!(CodeId::read(&ID_BYTES.text()), Some(ID_BYTES));
        assert_eq!(CodeId::read("short"), None);
    }

    proptest! {
        #[test]
        fn one_changed_character_spoils_a_code(
            id: [u8; 12], rotating: bool, at in 0..22_usize, to in "[A-Za-z0-9_-]",
        ) {
            let id = CodeId(id);
            let code = if rotating { keys().rotating(id, noon()).code } else { keys().printed(id) };
            let mut changed = code.clone();
            changed.replace_range(at..=at, &to);
            prop_assume!(changed != code);
            prop_assert_eq!(read(&format!("{ADDRESS}{changed}")), Err(CodeError::Forged));
        }

        #[test]
        fn no_text_makes_it_panic(text: String) {
            let _ = read(&text);
            let _ = read(&format!("{ADDRESS}{text}"));
        }
    }
}
