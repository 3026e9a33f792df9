//! The one shape that personal codes have, drawn from a table.
//!
//! For a fixed version, level and mask a QR symbol is an affine function over GF(2) of its data bits:
//! every data bit always turns over the same modules, wherever Reed-Solomon and the interleaving put
//! them. So a symbol is the empty one XOR one bitmap for each nibble of data. The bitmaps come from
//! the `qrcode` crate, one data bit at a time, when the table is first used.
//!
//! The mask is fixed, where ISO/IEC 18004 would choose among eight by a penalty. Readers take the mask
//! from the symbol, and signatures are as good as random, so no mask is regularly bad.

use std::sync::LazyLock;

use qrcode::canvas::{Canvas, MaskPattern};
use qrcode::{Color, EcLevel, Version, ec};

use super::Matrix;
use crate::credentials::base45;

/// Characters that fill version 7 at level M to the last bit.
pub const CHARACTERS: usize = 178;

/// Version 7.
const VERSION: Version = Version::Normal(7);
const MASK: MaskPattern = MaskPattern::Checkerboard;
/// Modules a side.
const SIZE: usize = 45;
/// Data codewords of version 7 at level M: 4 + 9 + 89 · 11 bits.
const DATA_BYTES: usize = 124;
/// Words of the modules row after row without gaps, 45 bits a row.
const WORDS: usize = (SIZE * SIZE).div_ceil(64);
const ROW: u64 = (1 << SIZE) - 1;
/// Alphanumeric mode, then the number of characters in nine bits.
const HEADER: u64 = 0b0010 << 9 | CHARACTERS as u64;
const HEADER_BITS: u32 = 13;

/// Modules row after row, from the lowest bit.
type Bitmap = [u64; WORDS];

struct Table {
    empty: Bitmap,
    /// For every byte of data, what each value of its high and of its low nibble turns over.
    bytes: Vec<[[Bitmap; 16]; 2]>,
}

static TABLE: LazyLock<Table> = LazyLock::new(Table::build);

/// Build the table now, so that no request waits for it: a thousand drawings, one megabyte.
pub fn prepare() {
    LazyLock::force(&TABLE);
}

/// The symbol of `text`, or none if it is not 178 alphanumeric characters.
#[must_use]
pub fn draw(text: &str) -> Option<Matrix> {
    let data = codewords(text)?;
    let table = &*TABLE;
    let mut modules = table.empty;
    for (byte, [high, low]) in data.iter().zip(&table.bytes) {
        turn_over(&mut modules, high.get(usize::from(byte >> 4))?);
        turn_over(&mut modules, low.get(usize::from(byte & 0x0F))?);
    }
    Some(Matrix::from_rows(rows(&modules)))
}

/// The data codewords of `text`: the header, then eleven bits for every two characters.
fn codewords(text: &str) -> Option<[u8; DATA_BYTES]> {
    if text.len() != CHARACTERS {
        return None;
    }
    let mut data = [0; DATA_BYTES];
    let mut next = data.iter_mut();
    let (mut bits, mut held) = (HEADER, HEADER_BITS);
    for [first, second] in text.as_bytes().as_chunks::<2>().0 {
        let pair = u64::from(base45::value(*first)?) * 45 + u64::from(base45::value(*second)?);
        bits = bits << 11 | pair;
        held += 11;
        while held >= 8 {
            held -= 8;
            *next.next()? = (bits >> held & 0xFF) as u8;
        }
    }
    Some(data)
}

fn turn_over(modules: &mut Bitmap, flips: &Bitmap) {
    for (word, flip) in modules.iter_mut().zip(flips) {
        *word ^= flip;
    }
}

/// The bitmap cut into rows of 45 bits.
fn rows(modules: &Bitmap) -> [u64; SIZE] {
    std::array::from_fn(|y| {
        let (at, bit) = (y * SIZE / 64, y * SIZE % 64);
        let word = |at: usize| modules.get(at).copied().unwrap_or_default();
        (word(at) >> bit | word(at + 1) << 1 << (63 - bit)) & ROW
    })
}

impl Table {
    fn build() -> Self {
        let empty = draw_codewords(&[0; DATA_BYTES]);
        let flips = |byte: usize, bit: usize| {
            let mut data = [0; DATA_BYTES];
            if let Some(codeword) = data.get_mut(byte) {
                *codeword = 1 << bit;
            }
            let mut flips = draw_codewords(&data);
            turn_over(&mut flips, &empty);
            flips
        };
        let nibble = |byte: usize, lowest: usize| {
            let basis: [Bitmap; 4] = std::array::from_fn(|bit| flips(byte, lowest + bit));
            std::array::from_fn(|value| {
                let mut sum = [0; WORDS];
                for (bit, flips) in basis.iter().enumerate() {
                    if value >> bit & 1 == 1 {
                        turn_over(&mut sum, flips);
                    }
                }
                sum
            })
        };
        let bytes = (0..DATA_BYTES)
            .map(|byte| [nibble(byte, 4), nibble(byte, 0)])
            .collect();
        Self { empty, bytes }
    }
}

/// The symbol of `data` by the `qrcode` crate, as a bitmap.
fn draw_codewords(data: &[u8; DATA_BYTES]) -> Bitmap {
    let mut modules = [0; WORDS];
    // Cannot fail: version 7 has a level M, and this is as much data as it takes.
    let Ok((data, correction)) = ec::construct_codewords(data, VERSION, EcLevel::M) else {
        return modules;
    };
    let mut canvas = Canvas::new(VERSION, EcLevel::M);
    canvas.draw_all_functional_patterns();
    canvas.draw_data(&data, &correction);
    canvas.apply_mask(MASK);
    for (at, colour) in canvas.into_colors().into_iter().enumerate() {
        if let Some(word) = modules.get_mut(at / 64) {
            *word |= u64::from(colour == Color::Dark) << (at % 64);
        }
    }
    modules
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use qrcode::bits::Bits;

    use super::super::ordinary;
    use super::*;

    /// The symbol by the `qrcode` crate from the characters on, with our mask.
    fn by_the_crate(text: &str) -> Matrix {
        let mut bits = Bits::new(VERSION);
        bits.push_alphanumeric_data(text.as_bytes()).unwrap();
        bits.push_terminator(EcLevel::M).unwrap();
        let data = bits.into_bytes();
        let (data, correction) = ec::construct_codewords(&data, VERSION, EcLevel::M).unwrap();
        let mut canvas = Canvas::new(VERSION, EcLevel::M);
        canvas.draw_all_functional_patterns();
        canvas.draw_data(&data, &correction);
        canvas.apply_mask(MASK);
        ordinary::from_colours(SIZE, &canvas.into_colors())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_table_draws_what_an_ordinary_encoder_draws(
            text in "JK1:[0-9A-Z $%*+./:-]{174}"
        ) {
            prop_assert_eq!(draw(&text), Some(by_the_crate(&text)));
        }
    }

    #[test]
    fn every_bit_of_the_data_has_its_column() {
        let characters = base45::ALPHABET.map(char::from);
        for shift in 0..45 {
            let text: String = (0..CHARACTERS)
                .filter_map(|at| characters.get((at * at + at * shift + shift) % 45))
                .collect();
            assert_eq!(draw(&text), Some(by_the_crate(&text)));
        }
    }

    #[test]
    fn other_shapes_are_left_to_the_ordinary_encoder() {
        assert_eq!(draw(&"A".repeat(CHARACTERS - 1)), None);
        assert_eq!(draw(&"A".repeat(CHARACTERS + 1)), None);
        assert_eq!(draw(&"a".repeat(CHARACTERS)), None);
        assert_eq!(draw(&"é".repeat(CHARACTERS / 2)), None);
        assert!(draw(&"A".repeat(CHARACTERS)).is_some());
    }
}
