//! Any text as a symbol, by the `qrcode` crate.

use qrcode::bits::{self, Bits};
use qrcode::{Color, EcLevel, QrCode, Version};

use super::Matrix;
use crate::credentials::base45;

/// How much of a symbol may be damaged before it stops reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// L, about 7 %.
    Low,
    /// M, about 15 %: screens.
    Medium,
    /// Q, about 25 %: paper.
    Quartile,
    /// H, about 30 %.
    High,
}

/// The text does not fit in the largest symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text does not fit in a QR symbol")]
pub struct TooLong;

/// The smallest symbol for `text` at `level`, with the mask that ISO/IEC 18004 finds best.
pub fn draw(text: &str, level: Level) -> Result<Matrix, TooLong> {
    let level = match level {
        Level::Low => EcLevel::L,
        Level::Medium => EcLevel::M,
        Level::Quartile => EcLevel::Q,
        Level::High => EcLevel::H,
    };
    let mixed = bits::encode_auto(text.as_bytes(), level).ok();
    let smallest = mixed
        .into_iter()
        .chain(alphanumeric(text, level))
        .min_by_key(|bits| bits.version().width());
    let code = QrCode::with_bits(smallest.ok_or(TooLong)?, level).map_err(|_| TooLong)?;
    let size = code.width();
    Ok(from_colours(size, &code.into_colors()))
}

/// `text` in one alphanumeric segment, in the smallest version that takes it.
///
/// The crate switches mode greedily at runs of digits. The heads of the extra segments can cost more
/// than the digits save: every personal code has such a run, and would not fit version 7 any more.
fn alphanumeric(text: &str, level: EcLevel) -> Option<Bits> {
    if !text.bytes().all(|c| base45::value(c).is_some()) {
        return None;
    }
    (1..=40).find_map(|version| {
        let mut bits = Bits::new(Version::Normal(version));
        bits.push_alphanumeric_data(text.as_bytes()).ok()?;
        bits.push_terminator(level).ok()?;
        Some(bits)
    })
}

/// A matrix from `size` rows of `size` colours.
pub(super) fn from_colours(size: usize, colours: &[Color]) -> Matrix {
    Matrix::from_fn(size, |x, y| colours.get(y * size + x) == Some(&Color::Dark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_sets_the_size() {
        let poster = "https://tongxing.example/v/q3VhL0xkZ2NwYTkxbTd0Zg";
        let sizes = [Level::Low, Level::Medium, Level::Quartile, Level::High]
            .map(|level| draw(poster, level).unwrap().size());
        assert_eq!(sizes, [29, 33, 37, 41]);
    }

    #[test]
    fn a_token_takes_the_size_of_its_characters_whatever_digits_are_in_it() {
        let token = |characters| -> String {
            let pattern = "TX1:+E7V5010027B%Z$K-W/Q.P*A:M".chars();
            pattern.cycle().take(characters).collect()
        };
        for (characters, level, size) in [
            (178, Level::Medium, 45),
            (258, Level::Medium, 53),
            (258, Level::Quartile, 61),
        ] {
            assert_eq!(draw(&token(characters), level).unwrap().size(), size);
        }
        let digits = draw(&"0123456789".repeat(20), Level::Medium).unwrap();
        assert!(digits.size() < 45, "digits alone take less");
    }

    #[test]
    fn a_text_that_fits_no_symbol_is_refused() {
        assert_eq!(draw(&"x".repeat(3000), Level::Low), Err(TooLong));
        assert!(draw("", Level::High).is_ok());
    }
}
