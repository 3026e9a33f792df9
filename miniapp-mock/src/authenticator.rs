//! The app on somebody's phone that computes codes.

use aws_lc_rs::hmac;
use chrono::{DateTime, Utc};
use url::Url;

/// Seconds that a code is shown.
const STEP: i64 = 30;

/// The code that an app which read `uri` shows at `time` (RFC 6238). `None` if it is no address for such
/// an app, or asks for what few apps have: another digest, length or step than the usual ones.
#[must_use]
pub fn totp(uri: &str, time: DateTime<Utc>) -> Option<String> {
    let uri = Url::parse(uri).ok()?;
    let field = |name: &str| {
        let mut pairs = uri.query_pairs();
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    let usual = [("algorithm", "SHA1"), ("digits", "6"), ("period", "30")];
    let known = usual
        .iter()
        .all(|(name, value)| field(name).as_deref() == Some(*value));
    if (uri.scheme(), uri.host_str()) != ("otpauth", Some("totp")) || !known {
        return None;
    }
    let secret = base32(&field("secret")?)?;
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &secret);
    let tag = hmac::sign(&key, &time.timestamp().div_euclid(STEP).to_be_bytes());
    let offset = usize::from(tag.as_ref().last()? & 15);
    let four = tag.as_ref().get(offset..)?.first_chunk::<4>()?;
    Some(format!(
        "{:06}",
        (u32::from_be_bytes(*four) & 0x7FFF_FFFF) % 1_000_000
    ))
}

/// Base32 without padding (RFC 4648 §6).
fn base32(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    let (mut held, mut bits) = (0_u32, 0);
    for letter in text.bytes() {
        let five = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'2'..=b'7' => letter - b'2' + 26,
            _ => return None,
        };
        held = (held << 5 | u32::from(five)) & 0xFFFF;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xFF).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, cut to six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        let uri = format!("otpauth://totp/us?secret={secret}&algorithm=SHA1&digits=6&period=30");
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            let time = DateTime::from_timestamp(seconds, 0).unwrap();
            assert_eq!(totp(&uri, time).as_deref(), Some(code));
        }
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(totp("https://example.com", now), None);
        assert_eq!(totp(&uri.replace("SHA1", "SHA256"), now), None);
        assert_eq!(totp(&uri.replace(secret, "1"), now), None);
    }
}
