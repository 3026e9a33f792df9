//! The part of CBOR that signed data here needs, with one encoding for every value.
//!
//! RFC 8949 §4.2.1: definite lengths, shortest heads, map keys in bytewise order and never twice.
//! [`decode`] refuses every other encoding, so whatever it accepts is exactly what [`encode`] writes
//! for that value. Floating point and simple values are absent, because nothing signed holds any.

use std::str;

/// How deep arrays, maps and tags may nest.
pub const MAX_DEPTH: u8 = 4;

/// What the low five bits of a head say of the argument that follows it.
const ONE_BYTE: u8 = 24;
const TWO_BYTES: u8 = 25;
const FOUR_BYTES: u8 = 26;
const EIGHT_BYTES: u8 = 27;

/// A value, borrowing its strings from where they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// An integer of major type 0 or 1. What does not fit is refused on reading.
    Int(i64),
    /// A byte string.
    Bytes(&'a [u8]),
    /// A text string.
    Text(&'a str),
    /// An array.
    Array(Vec<Self>),
    /// A map. [`encode`] puts its keys in order; [`decode`] keeps that order.
    Map(Vec<(Self, Self)>),
    /// A tagged value.
    Tag(u64, Box<Self>),
}

/// Why bytes are not CBOR in its one deterministic form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// They end inside a value.
    #[error("it ends inside a value")]
    Short,
    /// Something follows the value.
    #[error("bytes follow the value")]
    Trailing,
    /// A length or number could be written shorter.
    #[error("a head is not the shortest")]
    NotShortest,
    /// An indefinite length or a reserved head.
    #[error("a length is indefinite or reserved")]
    Indefinite,
    /// A map's keys are not in bytewise order.
    #[error("map keys are out of order")]
    Disordered,
    /// A map has a key twice.
    #[error("a map key stands twice")]
    Duplicate,
    /// More than [`MAX_DEPTH`] levels.
    #[error("it nests too deep")]
    Deep,
    /// A text string is not UTF-8.
    #[error("a text is not UTF-8")]
    NotText,
    /// An integer beyond 64 bits with sign, a float or a simple value.
    #[error("a kind of value that is not used here")]
    Unsupported,
}

impl<'a> Value<'a> {
    /// The integer this is.
    #[must_use]
    pub fn int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The byte string this is.
    #[must_use]
    pub fn bytes(&self) -> Option<&'a [u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The text this is.
    #[must_use]
    pub fn text(&self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of the array this is.
    #[must_use]
    pub fn array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The values of the map this is, if its keys are exactly the integers `keys`, which are given
    /// in the order that RFC 8949 §4.2.1 puts them.
    #[must_use]
    pub fn record<const N: usize>(&self, keys: [i64; N]) -> Option<[&Self; N]> {
        let Self::Map(entries) = self else {
            return None;
        };
        let has_them = entries.iter().map(|(key, _)| key.int());
        if !has_them.eq(keys.into_iter().map(Some)) {
            return None;
        }
        let values: Vec<&Self> = entries.iter().map(|(_, value)| value).collect();
        values.try_into().ok()
    }
}

/// The one encoding of `value`.
///
/// A map that was built with a key twice has none; it is written as it stands and nobody reads it.
#[must_use]
pub fn encode(value: &Value<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    write(&mut out, value);
    out
}

/// The value that `bytes` encode.
pub fn decode(bytes: &[u8]) -> Result<Value<'_>, Malformed> {
    let (value, rest) = decode_first(bytes)?;
    if rest.is_empty() {
        Ok(value)
    } else {
        Err(Malformed::Trailing)
    }
}

/// The value that `bytes` begin with, and what follows it.
pub fn decode_first(bytes: &[u8]) -> Result<(Value<'_>, &[u8]), Malformed> {
    let mut reader = Reader { rest: bytes };
    let value = reader.value(MAX_DEPTH)?;
    Ok((value, reader.rest))
}

fn write(out: &mut Vec<u8>, value: &Value<'_>) {
    match value {
        Value::Int(number) => match u64::try_from(*number) {
            Ok(number) => head(out, 0, number),
            Err(_) => head(out, 1, !number.cast_unsigned()),
        },
        Value::Bytes(bytes) => {
            head(out, 2, bytes.len() as u64);
            out.extend_from_slice(bytes);
        }
        Value::Text(text) => {
            head(out, 3, text.len() as u64);
            out.extend_from_slice(text.as_bytes());
        }
        Value::Array(elements) => {
            head(out, 4, elements.len() as u64);
            for element in elements {
                write(out, element);
            }
        }
        Value::Map(entries) => {
            let mut encoded: Vec<_> = entries.iter().map(|(k, v)| (encode(k), v)).collect();
            encoded.sort_by(|(a, _), (b, _)| a.cmp(b));
            head(out, 5, encoded.len() as u64);
            for (key, value) in encoded {
                out.extend_from_slice(&key);
                write(out, value);
            }
        }
        Value::Tag(tag, value) => {
            head(out, 6, *tag);
            write(out, value);
        }
    }
}

/// A major type and its argument in the fewest bytes.
fn head(out: &mut Vec<u8>, major: u8, argument: u64) {
    let major = major << 5;
    if let Ok(small) = u8::try_from(argument) {
        match small {
            0..ONE_BYTE => out.push(major | small),
            _ => out.extend_from_slice(&[major | ONE_BYTE, small]),
        }
    } else if let Ok(two) = u16::try_from(argument) {
        out.push(major | TWO_BYTES);
        out.extend_from_slice(&two.to_be_bytes());
    } else if let Ok(four) = u32::try_from(argument) {
        out.push(major | FOUR_BYTES);
        out.extend_from_slice(&four.to_be_bytes());
    } else {
        out.push(major | EIGHT_BYTES);
        out.extend_from_slice(&argument.to_be_bytes());
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: u8) -> Result<Value<'a>, Malformed> {
        let (major, argument) = self.head()?;
        let inner = || depth.checked_sub(1).ok_or(Malformed::Deep);
        match major {
            0 => integer(argument).map(Value::Int),
            1 => integer(argument).map(|number| Value::Int(!number)),
            2 => self.take(argument).map(Value::Bytes),
            3 => str::from_utf8(self.take(argument)?)
                .map(Value::Text)
                .map_err(|_| Malformed::NotText),
            4 => self.elements(argument, inner()?).map(Value::Array),
            5 => self.entries(argument, inner()?).map(Value::Map),
            6 => Ok(Value::Tag(argument, Box::new(self.value(inner()?)?))),
            _ => Err(Malformed::Unsupported),
        }
    }

    fn head(&mut self) -> Result<(u8, u64), Malformed> {
        let [first] = self.array::<1>()?;
        let (major, info) = (first >> 5, first & 0x1F);
        if major == 7 {
            return Err(Malformed::Unsupported);
        }
        let (argument, least) = match info {
            0..ONE_BYTE => (u64::from(info), 0),
            ONE_BYTE => (u64::from(u8::from_be_bytes(self.array()?)), 24),
            TWO_BYTES => (u64::from(u16::from_be_bytes(self.array()?)), 1 << 8),
            FOUR_BYTES => (u64::from(u32::from_be_bytes(self.array()?)), 1 << 16),
            EIGHT_BYTES => (u64::from_be_bytes(self.array()?), 1 << 32),
            _ => return Err(Malformed::Indefinite),
        };
        if argument < least {
            return Err(Malformed::NotShortest);
        }
        Ok((major, argument))
    }

    /// Every element takes at least a byte, so a length that lies is found before memory is spent.
    fn elements(&mut self, count: u64, depth: u8) -> Result<Vec<Value<'a>>, Malformed> {
        self.at_least(count)?;
        (0..count).map(|_| self.value(depth)).collect()
    }

    fn entries(&mut self, count: u64, depth: u8) -> Result<Vec<(Value<'a>, Value<'a>)>, Malformed> {
        self.at_least(count)?;
        let mut entries = Vec::new();
        let mut last: &[u8] = &[];
        for _ in 0..count {
            let before = self.rest;
            let key = self.value(depth)?;
            let encoded = before
                .get(..before.len() - self.rest.len())
                .ok_or(Malformed::Short)?;
            match encoded.cmp(last) {
                std::cmp::Ordering::Greater => last = encoded,
                std::cmp::Ordering::Equal => return Err(Malformed::Duplicate),
                std::cmp::Ordering::Less => return Err(Malformed::Disordered),
            }
            entries.push((key, self.value(depth)?));
        }
        Ok(entries)
    }

    fn at_least(&self, count: u64) -> Result<(), Malformed> {
        if count > self.rest.len() as u64 {
            return Err(Malformed::Short);
        }
        Ok(())
    }

    fn take(&mut self, count: u64) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = usize::try_from(count)
            .ok()
            .and_then(|count| self.rest.split_at_checked(count))
            .ok_or(Malformed::Short)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(Malformed::Short)?;
        self.rest = rest;
        Ok(*taken)
    }
}

fn integer(argument: u64) -> Result<i64, Malformed> {
    i64::try_from(argument).map_err(|_| Malformed::Unsupported)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(bytes: &str) -> Malformed {
        decode(&hex::decode(bytes).unwrap()).unwrap_err()
    }

    #[test]
    fn the_examples_of_rfc_8949_hold() {
        for (value, encoded) in [
            (Value::Int(0), "00"),
            (Value::Int(23), "17"),
            (Value::Int(24), "1818"),
            (Value::Int(1000), "1903e8"),
            (Value::Int(1_000_000), "1a000f4240"),
            (Value::Int(1_000_000_000_000), "1b000000e8d4a51000"),
            (Value::Int(-1), "20"),
            (Value::Int(-1000), "3903e7"),
            (Value::Int(i64::MIN), "3b7fffffffffffffff"),
            (Value::Bytes(&[1, 2, 3, 4]), "4401020304"),
            (Value::Text("水"), "63e6b0b4"),
            (Value::Array(vec![]), "80"),
            (Value::Map(vec![]), "a0"),
            (
                Value::Tag(1, Box::new(Value::Int(1_363_896_240))),
                "c11a514b67b0",
            ),
        ] {
            assert_eq!(hex::encode(encode(&value)), encoded);
            assert_eq!(decode(&hex::decode(encoded).unwrap()), Ok(value));
        }
    }

    #[test]
    fn a_map_is_written_in_bytewise_order_however_it_was_built() {
        let keys = [-65537, 7, 10, 4, -1, 100];
        let map = Value::Map(keys.map(|key| (Value::Int(key), Value::Int(0))).to_vec());
        assert_eq!(
            hex::encode(encode(&map)),
            "a6040007000a001864002000 3a0001000000".replace(' ', "")
        );
    }

    #[test]
    fn every_other_encoding_is_refused() {
        assert_eq!(refused(""), Malformed::Short);
        assert_eq!(refused("4401"), Malformed::Short);
        assert_eq!(refused("9b00ffffffffffffff"), Malformed::Short);
        assert_eq!(refused("5bffffffffffffffff"), Malformed::Short);
        assert_eq!(refused("0000"), Malformed::Trailing);
        for long in [
            "1817",
            "1900ff",
            "1a0000ffff",
            "1b00000000ffffffff",
            "5800",
            "b800",
        ] {
            assert_eq!(refused(long), Malformed::NotShortest, "{long}");
        }
        for indefinite in ["5f4101ff", "7f6161ff", "9f01ff", "bf0101ff", "1c"] {
            assert_eq!(refused(indefinite), Malformed::Indefinite, "{indefinite}");
        }
        assert_eq!(refused("a201000100"), Malformed::Duplicate);
        assert_eq!(refused("a202000100"), Malformed::Disordered);
        assert_eq!(refused("62c328"), Malformed::NotText);
        for other in ["f4", "f6", "f93c00", "ff", "1b8000000000000000"] {
            assert_eq!(refused(other), Malformed::Unsupported, "{other}");
        }
    }

    #[test]
    fn four_levels_are_read_and_five_are_not() {
        assert!(decode(&hex::decode("8181c1a100 00".replace(' ', "")).unwrap()).is_ok());
        assert_eq!(refused("818181818100"), Malformed::Deep);
        assert_eq!(refused(&"c1".repeat(100_000)), Malformed::Deep);
    }

    #[test]
    fn a_record_has_exactly_its_keys() {
        let map = decode(&[0xA2, 0x01, 0x05, 0x04, 0x06]).unwrap();
        assert_eq!(map.record([1, 4]), Some([&Value::Int(5), &Value::Int(6)]));
        assert_eq!(map.record([1]), None);
        assert_eq!(map.record([1, 4, 5]), None);
        assert_eq!(map.record([1, 5]), None);
    }

    /// Bytes that are more often nearly CBOR than noise would be.
    fn nearly_cbor() -> impl Strategy<Value = Vec<u8>> {
        let heads = prop::sample::select(
            &[
                0x00, 0x01, 0x17, 0x18, 0x19, 0x20, 0x41, 0x58, 0x61, 0x80, 0x81, 0x82, 0xA0, 0xA1,
                0xA2, 0xC1, 0xD2, 0xD8, 0x5F, 0xFF,
            ][..],
        );
        prop::collection::vec(prop_oneof![4 => heads, 1 => any::<u8>()], 0..40)
    }

    proptest! {
        #[test]
        fn what_decodes_encodes_to_the_same_bytes(bytes in nearly_cbor()) {
            if let Ok(value) = decode(&bytes) {
                prop_assert_eq!(encode(&value), bytes);
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            if let Ok(value) = decode(&bytes) {
                prop_assert_eq!(encode(&value), bytes);
            }
        }
    }
}
