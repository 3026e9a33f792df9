//! Base45 (RFC 9285), one text for one sequence of bytes.
//!
//! Two bytes become three characters of the QR alphanumeric alphabet. A reader that truncates an
//! overflowing last pair would give one signed token several texts, so such texts are refused here.

/// The QR alphanumeric alphabet; a character's value is its place.
pub(super) const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// Not in the alphabet.
const NONE: u8 = u8::MAX;

const VALUES: [u8; 256] = values();

#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "evaluated by the compiler, which refuses what is out of range"
)]
const fn values() -> [u8; 256] {
    let mut table = [NONE; 256];
    let mut value = 0;
    while value < ALPHABET.len() {
        table[ALPHABET[value] as usize] = value as u8;
        value += 1;
    }
    table
}

/// Not what [`encode`] writes: a foreign character, a group that overflows, or a lone character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not base45")]
pub struct NotBase45;

/// The value of an alphanumeric character, 0 to 44.
pub(super) fn value(character: u8) -> Option<u8> {
    VALUES
        .get(usize::from(character))
        .copied()
        .filter(|value| *value != NONE)
}

/// `prefix` and the base45 of `bytes`, in one string.
#[must_use]
pub fn encode(prefix: &str, bytes: &[u8]) -> String {
    let (pairs, last) = bytes.as_chunks::<2>();
    let mut text = Vec::with_capacity(prefix.len() + pairs.len() * 3 + last.len() * 2);
    text.extend_from_slice(prefix.as_bytes());
    for pair in pairs {
        let number = u16::from_be_bytes(*pair);
        text.extend_from_slice(&[
            digit(number % 45),
            digit(number / 45 % 45),
            digit(number / 2025),
        ]);
    }
    for byte in last {
        let number = u16::from(*byte);
        text.extend_from_slice(&[digit(number % 45), digit(number / 45)]);
    }
    // The prefix was text and the rest is ASCII.
    String::from_utf8(text).unwrap_or_default()
}

/// The bytes whose base45 is `text`.
pub fn decode(text: &str) -> Result<Vec<u8>, NotBase45> {
    let (groups, last) = text.as_bytes().as_chunks::<3>();
    let mut bytes = Vec::with_capacity(groups.len() * 2 + 1);
    for [low, middle, high] in groups {
        let number = number(*low)? + number(*middle)? * 45 + number(*high)? * 2025;
        bytes.extend_from_slice(&u16::try_from(number).map_err(|_| NotBase45)?.to_be_bytes());
    }
    match last {
        [] => {}
        [low, high] => {
            let number = number(*low)? + number(*high)? * 45;
            bytes.push(u8::try_from(number).map_err(|_| NotBase45)?);
        }
        _ => return Err(NotBase45),
    }
    Ok(bytes)
}

fn digit(value: u16) -> u8 {
    ALPHABET
        .get(usize::from(value))
        .copied()
        .unwrap_or_default()
}

fn number(character: u8) -> Result<u32, NotBase45> {
    value(character).map(u32::from).ok_or(NotBase45)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_examples_of_rfc_9285_hold() {
        for (plain, text) in [
            ("AB", "BB8"),
            ("Hello!!", "%69 VD92EX0"),
            ("base-45", "UJCLQE7W581"),
            ("ietf!", "QED8WEX0"),
        ] {
            assert_eq!(encode("", plain.as_bytes()), text);
            assert_eq!(decode(text).unwrap(), plain.as_bytes());
        }
    }

    #[test]
    fn overflow_foreign_characters_and_lone_characters_are_refused() {
        for text in ["GGW", ":::", "::", "V5", "A", "AAAA", "ab0", "é0", "0\n0"] {
            assert_eq!(decode(text), Err(NotBase45), "{text}");
        }
        assert_eq!(decode("FGW").unwrap(), [0xFF, 0xFF]);
        assert_eq!(decode("U5").unwrap(), [0xFF]);
    }

    proptest! {
        #[test]
        fn an_independent_encoder_writes_the_same(bytes: Vec<u8>) {
            prop_assert_eq!(encode("", &bytes), ::base45::encode(&bytes));
            prop_assert_eq!(decode(&encode("", &bytes)).unwrap(), bytes);
        }

        #[test]
        fn what_decodes_is_the_only_text_of_its_bytes(text in "[0-9A-Z $%*+./:-]{0,40}") {
            if let Ok(bytes) = decode(&text) {
                prop_assert_eq!(encode("", &bytes), text);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text: String) {
            let _ = decode(&text);
        }
    }
}
