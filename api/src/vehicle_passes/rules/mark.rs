//! What a vehicle is called by whoever looks for it.

use entity::values::Plate;

/// Digits of a division, which a pass's number begins with; the rest counts within it.
const DIVISION: usize = 6;
/// Digits of a pass's number.
const NUMBER: usize = 12;
/// What stands between the two in a temporary number.
const TEMPORARY: char = 'T';

/// What a vehicle is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// By its plate.
    Plate(Plate),
    /// By the number that it has while it has no plate.
    Temporary {
        /// The number of the pass that it got that with.
        pass: String,
    },
    /// By its own number, which the maker gave it.
    Vin(String),
}

impl Mark {
    /// What `text`, as people write it, calls a vehicle. None if it is nothing that vehicles are called.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        if let Ok(plate) = Plate::parse(text) {
            return Some(Self::Plate(plate));
        }
        let pass = pass_of(text).map(|pass| Self::Temporary { pass });
        pass.or_else(|| vin(text).map(Self::Vin))
    }

    /// Whether a vehicle that is called this is the one that is called `named`. None if the two are of
    /// different kinds: somebody has to look.
    #[must_use]
    pub fn is_that_of(&self, named: &[Self]) -> Option<bool> {
        let kind = std::mem::discriminant(self);
        let alike = named
            .iter()
            .find(|it| std::mem::discriminant(*it) == kind)?;
        Some(self == alike)
    }
}

/// The number that a vehicle without a plate has by the pass with `number`: the division, `T` and the serial
/// within it. No plate looks like it, and no other vehicle has it.
#[must_use]
pub(in crate::vehicle_passes) fn temporary_number(number: &str) -> String {
    let (division, serial) = number.split_at_checked(DIVISION).unwrap_or((number, ""));
    format!("{division}{TEMPORARY}{serial}")
}

/// The number of the pass that the temporary number `text` comes with.
fn pass_of(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_uppercase();
    let (division, serial) = text.split_once(TEMPORARY)?;
    let number = format!("{division}{serial}");
    let is_one = division.len() == DIVISION
        && number.len() == NUMBER
        && number.bytes().all(|byte| byte.is_ascii_digit());
    is_one.then_some(number)
}

/// The vehicle identification number that `text` is (GB 16735), if it is one: seventeen characters without
/// I, O and Q, of which the ninth checks the others.
#[must_use]
pub fn vin(text: &str) -> Option<String> {
    const CHECKS: &[u8; 11] = b"0123456789X";
    let vin = text.trim().to_ascii_uppercase();
    if vin.len() != WEIGHTS.len() {
        return None;
    }
    let mut sum = 0;
    for (weight, byte) in WEIGHTS.iter().zip(vin.bytes()) {
        sum += weight * worth(byte)?;
    }
    let check = CHECKS.get(usize::try_from(sum % 11).ok()?)?;
    (vin.as_bytes().get(8) == Some(check)).then_some(vin)
}

/// What each place counts; the ninth, which checks, nothing.
const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

fn worth(byte: u8) -> Option<u32> {
    let letter = |first: u8, worth: u32| Some(u32::from(byte - first) + worth);
    match byte {
        b'0'..=b'9' => letter(b'0', 0),
        b'A'..=b'H' => letter(b'A', 1),
        b'J'..=b'N' => letter(b'J', 1),
        b'P' => Some(7),
        b'R' => Some(9),
        b'S'..=b'Z' => letter(b'S', 2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vehicle_is_called_by_its_plate_its_temporary_number_or_its_own() {
        let plate = Plate::parse("沪A12345").unwrap();
        assert_eq!(Mark::read("沪a·12345"), Some(Mark::Plate(plate.clone())));
        let pass = "310101000017";
        assert_eq!(temporary_number(pass), "310101T000017");
        let temporary = Mark::Temporary { pass: pass.into() };
        assert_eq!(Mark::read(" 310101t000017"), Some(temporary.clone()));
        let own = Mark::Vin("LVSHCAMB1CE054249".into());
        assert_eq!(Mark::read("lvshcamb1ce054249"), Some(own.clone()));
        for nothing in [
            "",
            "310101000017",
            "310101T00017",
            "31010T1000017",
            "LVSHCAMB2CE054249",
        ] {
            assert_eq!(Mark::read(nothing), None, "{nothing}");
        }
        let named = [temporary.clone(), own.clone()];
        assert_eq!(own.is_that_of(&named), Some(true));
        let other = Mark::read("310101T000018").unwrap();
        assert_eq!(other.is_that_of(&named), Some(false));
        assert_eq!(Mark::Plate(plate).is_that_of(&named), None);
    }
}
