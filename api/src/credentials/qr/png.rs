//! A matrix as a PNG picture: one bit a pixel, each row of modules written once.
//!
//! A row of modules is a line of pixels and its repetitions. The line goes in a stored block of
//! RFC 1951, and its repetitions in a block of matches that is the same for every row: a fifth of
//! the size of the pixels, at a fraction of what a compressor would take to find that out.

use super::{
    Matrix, QUIET_ZONE,
    deflate::{Adler, repetitions},
};

const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
/// One bit of grey, no palette, no interlacing.
const HEADER_END: [u8; 5] = [1, 0, 0, 0, 0];
/// A zlib stream that was compressed in haste (RFC 1950), and the header of its first stored block.
const ZLIB_HEADER: [u8; 3] = [0x78, 0x01, 0x00];
/// The length of an empty stored block and its complement: the end of the stream.
const EMPTY: [u8; 4] = [0x00, 0x00, 0xFF, 0xFF];
/// Before each line: its bytes are the pixels themselves.
const NO_FILTER: u8 = 0;
/// Eight light pixels.
const LIGHT: u8 = 0xFF;
/// What a chunk has besides its data: length, type and check sum.
const CHUNK_OVERHEAD: usize = 12;

/// Pixels a module, 1 to 20.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale(u8);

impl Scale {
    /// The largest.
    pub const MAX: u8 = 20;

    /// So many pixels a module, if it is between 1 and [`Self::MAX`].
    #[must_use]
    pub const fn new(pixels: u8) -> Option<Self> {
        match pixels {
            1..=Self::MAX => Some(Self(pixels)),
            _ => None,
        }
    }

    /// Pixels a module.
    #[must_use]
    pub const fn pixels(self) -> u8 {
        self.0
    }
}

impl Default for Scale {
    /// Six pixels, which makes a personal code 318 pixels wide.
    fn default() -> Self {
        Self(6)
    }
}

/// `matrix` with its quiet zone as a PNG file.
#[must_use]
pub fn png(matrix: &Matrix, scale: Scale) -> Vec<u8> {
    let lines = Lines::new(matrix.size(), scale);
    let data = lines.zlib_bytes();
    let mut out = Vec::with_capacity(SIGNATURE.len() + 3 * CHUNK_OVERHEAD + 13 + data);

    out.extend_from_slice(&SIGNATURE);
    chunk(&mut out, 13, *b"IHDR", |out| {
        let side = four_bytes(lines.pixels);
        out.extend_from_slice(&side);
        out.extend_from_slice(&side);
        out.extend_from_slice(&HEADER_END);
    });
    chunk(&mut out, data, *b"IDAT", |out| {
        lines.write_zlib(out, matrix);
    });
    chunk(&mut out, 0, *b"IEND", |_| {});
    out
}

/// A chunk of `length` bytes that `write` appends.
fn chunk(out: &mut Vec<u8>, length: usize, kind: [u8; 4], write: impl FnOnce(&mut Vec<u8>)) {
    out.extend_from_slice(&four_bytes(length));
    let start = out.len();
    out.extend_from_slice(&kind);
    write(out);
    let sum = crc32fast::hash(out.get(start..).unwrap_or_default());
    out.extend_from_slice(&sum.to_be_bytes());
}

/// How the lines of pixels of a picture are laid out.
struct Lines {
    scale: usize,
    pixels: usize,
    /// A line with the filter byte before it.
    line_bytes: usize,
    /// Rows of modules, the quiet zone's among them.
    rows: usize,
    /// The repetitions of a line, and the header of the stored block that follows.
    repeated: Vec<u8>,
    /// Nibbles that hold a row's modules.
    nibbles_per_row: usize,
    /// The pixels of four modules, `4 * scale` bits, for every value of the four.
    nibbles: [u128; 16],
}

impl Lines {
    fn new(size: usize, scale: Scale) -> Self {
        let scale = usize::from(scale.0);
        let rows = size + 2 * QUIET_ZONE;
        let line_bytes = 1 + (rows * scale).div_ceil(8);
        Self {
            scale,
            pixels: rows * scale,
            line_bytes,
            rows,
            repeated: repetitions(line_bytes, scale - 1, false),
            nibbles_per_row: size.div_ceil(4),
            nibbles: nibbles(scale),
        }
    }

    fn zlib_bytes(&self) -> usize {
        let row = 4 + self.line_bytes + self.repeated.len();
        ZLIB_HEADER.len() + self.rows * row + EMPTY.len() + 4
    }

    fn write_zlib(&self, out: &mut Vec<u8>, matrix: &Matrix) {
        out.extend_from_slice(&ZLIB_HEADER);
        let mut sum = Adler::default();
        let quiet = [[].as_slice(); QUIET_ZONE];
        let rows = quiet.into_iter().chain(matrix.rows()).chain(quiet);
        let length = u16::try_from(self.line_bytes).unwrap_or(u16::MAX);
        for (at, row) in rows.enumerate() {
            out.extend_from_slice(&length.to_le_bytes());
            out.extend_from_slice(&(!length).to_le_bytes());
            let start = out.len();
            self.write_line(out, row);
            sum.add(out.get(start..).unwrap_or_default(), self.scale);
            if at + 1 < self.rows {
                out.extend_from_slice(&self.repeated);
            }
        }
        out.extend_from_slice(&repetitions(self.line_bytes, self.scale - 1, true));
        out.extend_from_slice(&EMPTY);
        out.extend_from_slice(&sum.value().to_be_bytes());
    }

    /// The filter byte, then the pixels four modules at a time. The quiet zone being four modules
    /// wide, the symbol begins with a fresh nibble.
    fn write_line(&self, out: &mut Vec<u8>, row: &[u64]) {
        let end = out.len() + self.line_bytes;
        let step = 4 * self.scale;
        out.push(NO_FILTER);
        let (mut bits, mut held) = (self.nibbles[0], step);
        for nibble in nibbles_of(row).take(self.nibbles_per_row) {
            flush(out, bits, &mut held);
            let pixels = self.nibbles.get(nibble).copied().unwrap_or_default();
            bits = bits << step | pixels;
            held += step;
        }
        flush(out, bits, &mut held);
        let rest = bits << 32 | u128::from(u32::MAX);
        out.extend_from_slice(&low_word(rest >> held));
        out.resize(end, LIGHT);
    }
}

/// The pixels of four modules for every value of the four, light being one.
fn nibbles(scale: usize) -> [u128; 16] {
    let module = (1 << scale) - 1;
    std::array::from_fn(|dark| {
        (0..4).fold(0, |pixels, x| {
            let light = if dark >> x & 1 == 0 { module } else { 0 };
            pixels << scale | light
        })
    })
}

/// Four modules at a time, the leftmost lowest.
fn nibbles_of(row: &[u64]) -> impl Iterator<Item = usize> {
    row.iter()
        .flat_map(|word| (0..16).map(move |at| (word >> (4 * at) & 0xF) as usize))
}

/// Write the oldest of the `held` bits, until fewer than a word are left.
fn flush(out: &mut Vec<u8>, bits: u128, held: &mut usize) {
    while *held >= 32 {
        *held -= 32;
        out.extend_from_slice(&low_word(bits >> *held));
    }
}

fn low_word(bits: u128) -> [u8; 4] {
    let [.., a, b, c, d] = bits.to_be_bytes();
    [a, b, c, d]
}

/// A length as PNG writes it. The largest picture has some two million bytes.
fn four_bytes(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{ImageFormat, ImageReader};
    use proptest::prelude::*;

    use super::*;

    /// The modules of `picture`, which must be as wide as `scale` makes it, with a light quiet zone.
    fn read_back(picture: Vec<u8>, size: usize, scale: usize) -> Matrix {
        let reader = ImageReader::with_format(Cursor::new(picture), ImageFormat::Png);
        let pixels = reader.decode().unwrap().to_luma8();
        let width = u32::try_from((size + 8) * scale).unwrap();
        assert_eq!(pixels.dimensions(), (width, width));
        let modules = Matrix::from_fn(size, |x, y| {
            let corner = [x, y].map(|at| u32::try_from((at + QUIET_ZONE) * scale).unwrap());
            pixels.get_pixel(corner[0], corner[1]).0[0] == 0
        });
        for (x, y, pixel) in pixels.enumerate_pixels() {
            let [x, y] = [x, y].map(|at| (at as usize / scale).checked_sub(QUIET_ZONE));
            let dark = x.zip(y).is_some_and(|(x, y)| modules.is_dark(x, y));
            assert_eq!(pixel.0[0], if dark { 0 } else { 255 });
        }
        modules
    }

    #[test]
    fn every_scale_shows_every_module_as_a_square() {
        let matrix = Matrix::from_fn(45, |x, y| (x * x + 3 * y + x * y) % 7 < 3);
        for pixels in 1..=Scale::MAX {
            let picture = png(&matrix, Scale::new(pixels).unwrap());
            assert_eq!(read_back(picture, 45, pixels.into()), matrix, "{pixels}");
        }
    }

    #[test]
    fn the_largest_symbol_reads_back() {
        let matrix = Matrix::from_fn(177, |x, y| (x * 31 + y * 17) % 11 < 5);
        let scale = Scale::new(Scale::MAX).unwrap();
        assert_eq!(read_back(png(&matrix, scale), 177, 20), matrix);
    }

    #[test]
    fn a_personal_code_is_a_picture_of_three_kilobytes() {
        let matrix = Matrix::from_fn(45, |x, y| (x * x + 3 * y + x * y) % 7 < 3);
        assert!(png(&matrix, Scale::default()).len() < 3_100);
    }

    #[test]
    fn a_scale_is_one_to_twenty_pixels() {
        assert_eq!(Scale::new(0), None);
        assert_eq!(Scale::new(21), None);
        assert_eq!(Scale::default(), Scale::new(6).unwrap());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn any_matrix_reads_back(
            size in 1..90_usize,
            scale in 1..=Scale::MAX,
            noise in prop::collection::vec(any::<bool>(), 97),
        ) {
            let matrix = Matrix::from_fn(size, |x, y| noise[(x * 5 + y * 11) % 97]);
            let picture = png(&matrix, Scale::new(scale).unwrap());
            prop_assert_eq!(read_back(picture, size, scale.into()), matrix);
        }
    }
}
