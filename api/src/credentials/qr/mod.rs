//! Codes as pictures.
//!
//! A personal code always has the same shape, 178 alphanumeric characters, and is asked for all day:
//! [`linear`] draws it from a table in about a microsecond. Any other text goes through [`ordinary`],
//! hundreds of times slower. [`png`] and [`svg`] turn either matrix into a file.

mod deflate;
pub mod linear;
pub mod matrix;
pub mod ordinary;
pub mod png;
pub mod svg;

pub use matrix::Matrix;
pub use ordinary::{Level, TooLong};
pub use png::Scale;

/// Light modules around a symbol on every side, as ISO/IEC 18004 asks.
pub const QUIET_ZONE: usize = 4;

/// `text` as a PNG picture.
pub fn code_png(text: &str, scale: Scale) -> Result<Vec<u8>, TooLong> {
    Ok(png::png(&code_matrix(text)?, scale))
}

/// `text` as an SVG picture.
pub fn code_svg(text: &str) -> Result<String, TooLong> {
    Ok(svg::svg(&code_matrix(text)?))
}

/// `text` as modules, at level M: from the table if it has the shape of a personal code.
pub fn code_matrix(text: &str) -> Result<Matrix, TooLong> {
    match linear::draw(text) {
        Some(matrix) => Ok(matrix),
        None => ordinary::draw(text, Level::Medium),
    }
}

#[cfg(test)]
mod tests;
