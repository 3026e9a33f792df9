//! A matrix as an SVG picture: one path, a stroke for every run of dark modules.

use std::fmt::Write;

use super::{Matrix, QUIET_ZONE};

/// `matrix` with its quiet zone as an SVG document, one unit a module.
///
/// The strokes run through the middle of the rows, each relative to the end of the one before.
#[must_use]
pub fn svg(matrix: &Matrix) -> String {
    let side = matrix.size() + 2 * QUIET_ZONE;
    // A run takes about seven bytes, and a row has about one for every four modules.
    let mut out = String::with_capacity(256 + matrix.size() * (matrix.size() * 2 + 8));
    // Writing to a string does not fail.
    let _ = write!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">"#
    );
    let _ = write!(out, r#"<path fill="white" d="M0 0h{side}v{side}H0z"/>"#);
    out.push_str(r#"<path stroke="black" d=""#);
    for (y, row) in matrix.rows().enumerate() {
        stroke(&mut out, row, y + QUIET_ZONE);
    }
    out.push_str("\"/></svg>");
    out
}

/// The strokes of one row, the first from the left edge of the picture.
fn stroke(out: &mut String, row: &[u64], y: usize) {
    let mut pen = None;
    for (start, length) in runs(row) {
        let start = start + QUIET_ZONE;
        match pen {
            None => {
                out.push('M');
                push_number(out, start);
                out.push(' ');
                push_number(out, y);
                out.push_str(".5");
            }
            Some(pen) => {
                out.push('m');
                push_number(out, start - pen);
                out.push_str(" 0");
            }
        }
        out.push('h');
        push_number(out, length);
        pen = Some(start + length);
    }
}

/// The runs of dark modules in a row: where each starts, and how long it is.
fn runs(row: &[u64]) -> impl Iterator<Item = (usize, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = next(row, at, true)?;
        let end = next(row, start, false).unwrap_or(row.len() * 64);
        at = end;
        Some((start, end - start))
    })
}

/// The first module at or after `from` that is dark, or light.
fn next(row: &[u64], from: usize, dark: bool) -> Option<usize> {
    let mut past = from % 64;
    for (at, word) in row.iter().enumerate().skip(from / 64) {
        let wanted = if dark { *word } else { !*word };
        let wanted = wanted >> past << past;
        if wanted != 0 {
            return Some(at * 64 + wanted.trailing_zeros() as usize);
        }
        past = 0;
    }
    None
}

/// A number below a thousand in decimal.
fn push_number(out: &mut String, number: usize) {
    let digits = [number / 100 % 10, number / 10 % 10, number % 10];
    let leading = digits.iter().take(2).take_while(|digit| **digit == 0);
    for digit in digits.iter().skip(leading.count()) {
        out.push(char::from(b'0' + digit.to_le_bytes()[0]));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Draw the second path of `picture` again, as far as this module uses SVG.
    fn read_back(picture: &str, size: usize) -> Matrix {
        let path = picture.rsplit(" d=\"").next().unwrap();
        let path = path.strip_suffix("\"/></svg>").unwrap();
        let mut dark = std::collections::HashSet::new();
        for line in path.split('M').skip(1) {
            let (from, strokes) = line.split_once('h').unwrap();
            let (x, y) = from.split_once(' ').unwrap();
            let y: usize = y.strip_suffix(".5").unwrap().parse().unwrap();
            let mut pen: usize = x.parse().unwrap();
            for part in format!("m0 0h{strokes}").split('m').skip(1) {
                let (skip, length) = part.split_once(" 0h").unwrap();
                pen += skip.parse::<usize>().unwrap();
                for _ in 0..length.parse().unwrap() {
                    assert!(dark.insert((pen - QUIET_ZONE, y - QUIET_ZONE)));
                    pen += 1;
                }
            }
        }
        let matrix = Matrix::from_fn(size, |x, y| dark.remove(&(x, y)));
        assert!(dark.is_empty(), "nothing outside the symbol");
        matrix
    }

    #[test]
    fn a_picture_is_as_wide_as_its_symbol_and_quiet_zone() {
        let matrix = Matrix::from_fn(21, |x, y| x == y);
        let picture = svg(&matrix);
        assert!(picture.starts_with(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29" shape-rendering="crispEdges">"#
        ));
        assert_eq!(read_back(&picture, 21), matrix);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn any_matrix_reads_back(
            size in 1..=177_usize,
            noise in prop::collection::vec(any::<bool>(), 97),
        ) {
            let matrix = Matrix::from_fn(size, |x, y| noise[(x * 5 + y * 11) % 97]);
            prop_assert_eq!(read_back(&svg(&matrix), size), matrix);
        }

        #[test]
        fn numbers_are_decimal(number in 0..1000_usize) {
            let mut out = String::new();
            push_number(&mut out, number);
            prop_assert_eq!(out, number.to_string());
        }
    }
}
