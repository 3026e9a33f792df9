//! Any text as a symbol, by the `qrcode` crate.

use qrcode::{Color, EcLevel, QrCode};

use super::Matrix;

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
    let code = QrCode::with_error_correction_level(text, level).map_err(|_| TooLong)?;
    let size = code.width();
    Ok(from_colours(size, &code.into_colors()))
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
    fn a_text_that_fits_no_symbol_is_refused() {
        assert_eq!(draw(&"x".repeat(3000), Level::Low), Err(TooLong));
        assert!(draw("", Level::High).is_ok());
    }
}
