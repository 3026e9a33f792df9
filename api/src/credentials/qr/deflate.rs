//! The little of zlib (RFC 1950, RFC 1951) that a picture of repeated lines needs.

/// The longest match, and the shortest.
const LONGEST: usize = 258;
const SHORTEST: usize = 3;

/// Shortest length of each length code from 257 on.
const LENGTHS: [usize; 29] = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
    163, 195, 227, 258,
];

/// Shortest distance of each distance code, as far as a line of pixels goes.
const DISTANCES: [usize; 18] = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385,
];

/// The `line` bytes before it, `times` more: a block of matches with the fixed codes, and then the
/// header of a stored block up to its length, `last` or not. Without repetitions, that header alone.
///
/// `line` has 4 to 512 bytes.
pub(super) fn repetitions(line: usize, times: usize, last: bool) -> Vec<u8> {
    let mut bits = Bits::default();
    let mut left = line * times;
    if left > 0 {
        bits.number(0b010, 3);
        while left > 0 {
            let length = match left {
                left if left <= LONGEST => left,
                left if left - LONGEST < SHORTEST => left - SHORTEST,
                _ => LONGEST,
            };
            bits.length(length);
            bits.distance(line);
            left -= length;
        }
        bits.code(0, 7);
    }
    bits.number(u32::from(last), 3);
    bits.finish()
}

/// Bits in the order of RFC 1951: bytes are filled from the lowest bit up.
#[derive(Default)]
struct Bits {
    out: Vec<u8>,
    held: u32,
    count: u32,
}

impl Bits {
    /// A number, lowest bit first.
    fn number(&mut self, value: u32, width: u32) {
        self.held |= value << self.count;
        self.count += width;
        while self.count >= 8 {
            let [low, ..] = self.held.to_le_bytes();
            self.out.push(low);
            self.held >>= 8;
            self.count -= 8;
        }
    }

    /// A Huffman code, highest bit first.
    fn code(&mut self, value: u32, width: u32) {
        self.number(value.reverse_bits() >> (32 - width), width);
    }

    fn length(&mut self, length: usize) {
        let symbol = LENGTHS
            .partition_point(|base| *base <= length)
            .saturating_sub(1);
        // Symbols 257 to 279 have codes of seven bits from 1 on, the rest of eight from 11000000 on.
        match u32::try_from(symbol).unwrap_or_default() {
            short @ ..=22 => self.code(short + 1, 7),
            long => self.code(0b1100_0000 + long - 23, 8),
        }
        let extra = if length == LONGEST || symbol < 8 {
            0
        } else {
            symbol / 4 - 1
        };
        self.rest(length, LENGTHS.get(symbol), extra);
    }

    fn distance(&mut self, distance: usize) {
        let symbol = DISTANCES
            .partition_point(|base| *base <= distance)
            .saturating_sub(1);
        self.code(u32::try_from(symbol).unwrap_or_default(), 5);
        let extra = if symbol < 4 { 0 } else { symbol / 2 - 1 };
        self.rest(distance, DISTANCES.get(symbol), extra);
    }

    fn rest(&mut self, value: usize, base: Option<&usize>, width: usize) {
        let rest = value.saturating_sub(base.copied().unwrap_or_default());
        self.number(
            u32::try_from(rest).unwrap_or_default(),
            u32::try_from(width).unwrap_or_default(),
        );
    }

    /// Up to the end of the byte.
    fn finish(mut self) -> Vec<u8> {
        if self.count > 0 {
            let [low, ..] = self.held.to_le_bytes();
            self.out.push(low);
        }
        self.out
    }
}

/// The check sum of RFC 1950.
pub(super) struct Adler {
    sum: u64,
    sum_of_sums: u64,
}

const MODULUS: u64 = 65_521;

impl Default for Adler {
    fn default() -> Self {
        Self {
            sum: 1,
            sum_of_sums: 0,
        }
    }
}

impl Adler {
    /// Add `line`, `times` in a row, without going over it more than once.
    pub(super) fn add(&mut self, line: &[u8], times: usize) {
        let (length, times) = (line.len() as u64, times as u64);
        let (mut sum, mut weighted) = (0, 0);
        for byte in line {
            sum += u64::from(*byte);
            weighted += sum;
        }
        let pairs = times * times.saturating_sub(1) / 2;
        self.sum_of_sums += times * (length * self.sum + weighted) + pairs * length * sum;
        self.sum_of_sums %= MODULUS;
        self.sum = (self.sum + times * sum) % MODULUS;
    }

    pub(super) fn value(&self) -> u32 {
        u32::try_from(self.sum_of_sums << 16 | self.sum).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_sum_is_that_of_the_standard() {
        let mut sum = Adler::default();
        sum.add(b"Wikipedia", 1);
        assert_eq!(sum.value(), 0x11E6_0398);
    }

    #[test]
    fn a_line_many_times_sums_up_as_the_lines_do() {
        let line: Vec<u8> = (0..=255).collect();
        for times in [1, 2, 19, 20] {
            let (mut at_once, mut singly) = (Adler::default(), Adler::default());
            for _ in 0..3 {
                at_once.add(&line, times);
                (0..times).for_each(|_| singly.add(&line, 1));
            }
            assert_eq!(at_once.value(), singly.value(), "{times}");
        }
    }
}
