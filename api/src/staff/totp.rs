//! Time-based one-time passwords (RFC 6238): SHA-1, six digits, thirty seconds, as every app has them.

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use chrono::{DateTime, Utc};
use url::{ParseError, Url};

/// Bytes of a shared secret: as many as the digest has (RFC 4226 §4).
pub(super) const SECRET_BYTES: usize = 20;

/// Seconds of a step.
const STEP: i64 = 30;

/// Digits of a code.
pub(super) const DIGITS: usize = 6;

/// The step whose code is `code`: the present one, the one before or the one after, if it is later
/// than `last_used`. So each code is good once, and so is each step.
///
/// All three are compared, in full, whatever the outcome.
pub(super) fn accepted(
    secret: &[u8],
    code: &str,
    now: DateTime<Utc>,
    last_used: i64,
) -> Option<i64> {
    let present = now.timestamp().div_euclid(STEP);
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    [present - 1, present, present + 1]
        .into_iter()
        .map(|step| (step, matches(&key, step, code)))
        .fold(None, |found, (step, right)| {
            if right && step > last_used {
                Some(step)
            } else {
                found
            }
        })
}

fn matches(key: &hmac::Key, step: i64, code: &str) -> bool {
    verify_slices_are_equal(code_at(key, step).as_bytes(), code.as_bytes()).is_ok()
}

/// The code of a step (RFC 4226 §5.3).
fn code_at(key: &hmac::Key, step: i64) -> String {
    let tag = hmac::sign(key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let offset = tag.last().map_or(0, |last| usize::from(last & 0x0F));
    let four = tag.get(offset..).and_then(<[u8]>::first_chunk::<4>);
    let number = four.map_or(0, |four| u32::from_be_bytes(*four)) & 0x7FFF_FFFF;
    format!("{:0width$}", number % 1_000_000, width = DIGITS)
}

/// What an app reads to compute the codes of the account called `handle` at the service called
/// `issuer`. It holds the secret: to be shown once and kept nowhere.
pub(super) fn uri(issuer: &str, handle: &str, secret: &[u8]) -> Result<String, ParseError> {
    let mut uri = Url::parse("otpauth://totp/")?;
    uri.set_path(&format!("{issuer}:{handle}"));
    uri.query_pairs_mut()
        .append_pair("secret", &base32(secret))
        .append_pair("issuer", issuer)
        .append_pair("algorithm", "SHA1")
        .append_pair("digits", &DIGITS.to_string())
        .append_pair("period", &STEP.to_string());
    Ok(uri.into())
}

/// Base32 without padding (RFC 4648 §6).
fn base32(bytes: &[u8]) -> String {
    bytes
        .chunks(5)
        .flat_map(|chunk| {
            let bits = (0..5).fold(0_u64, |bits, at| {
                bits << 8 | chunk.get(at).copied().map_or(0, u64::from)
            });
            let characters = (chunk.len() * 8).div_ceil(5);
            (0..characters).map(move |at| letter(bits >> (35 - 5 * at) & 0x1F))
        })
        .collect()
}

fn letter(five_bits: u64) -> char {
    let letters = ('A'..='Z').chain('2'..='7');
    usize::try_from(five_bits)
        .ok()
        .and_then(|at| letters.clone().nth(at))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_secs(seconds).unwrap()
    }

    #[test]
    fn the_examples_of_rfc_6238_hold() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(accepted(SECRET, code, at(seconds), 0), Some(seconds / 30));
        }
    }

    #[test]
    fn a_code_is_good_one_step_early_and_one_late_and_never_after_it_was_used() {
        let step = 1_111_111_111 / 30;
        for (seconds, good) in [
            (-31, false),
            (-30, true),
            (0, true),
            (59, true),
            (60, false),
        ] {
            let now = at(step * 30 + seconds);
            assert_eq!(
                accepted(SECRET, "050471", now, 0).is_some(),
                good,
                "{seconds}"
            );
            assert_eq!(accepted(SECRET, "050471", now, step), None);
        }
    }

    #[test]
    fn the_examples_of_rfc_4648_hold() {
        for (plain, encoded) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(plain.as_bytes()), encoded);
        }
    }

    #[test]
    fn an_app_is_told_everything_that_a_code_depends_on() {
        assert_eq!(
            uri("Tongxing", "abcd2345", SECRET).unwrap(),
            "otpauth://totp/Tongxing:abcd2345?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Tongxing&algorithm=SHA1&digits=6&period=30"
        );
    }

    proptest! {
        #[test]
        fn nothing_but_six_digits_is_ever_a_code(code in ".{0,12}", seconds in 0..4_000_000_000_i64) {
            let accepted = accepted(SECRET, &code, at(seconds), 0);
            let six = code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit());
            prop_assert!(accepted.is_none() || six);
        }
    }
}
