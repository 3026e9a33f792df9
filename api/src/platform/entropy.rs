//! Randomness as an argument.

use std::{cell::RefCell, fmt::Debug, mem};

use uuid::{Builder, Uuid};
use zeroize::Zeroizing;

/// Where randomness comes from: the operating system in production, a seed in tests.
pub trait Entropy: Debug + Send + Sync {
    /// Fill `into` with unpredictable bytes.
    fn fill(&self, into: &mut [u8]);

    /// Fill `into` with a key: with bytes that were drawn for it alone.
    fn fill_key(&self, into: &mut [u8]) {
        self.fill(into);
    }

    /// An id that nobody can guess: UUID version 4, 122 random bits (SECURITY S15).
    fn id(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        Builder::from_random_bytes(bytes).into_uuid()
    }

    /// A number below `bound`, every one equally likely. Zero for a bound of zero.
    fn below(&self, bound: u32) -> u32 {
        let Some(limit) = u32::MAX.checked_div(bound).map(|times| times * bound) else {
            return 0;
        };
        loop {
            let mut bytes = [0; 4];
            self.fill(&mut bytes);
            let drawn = u32::from_le_bytes(bytes);
            if drawn < limit {
                return drawn % bound;
            }
        }
    }
}

/// A key of `N` bytes from `entropy`.
#[must_use]
pub fn key<const N: usize>(entropy: &(impl Entropy + ?Sized)) -> Zeroizing<[u8; N]> {
    let mut into = Zeroizing::new([0; N]);
    entropy.fill_key(&mut *into);
    into
}

/// `N` bytes from `entropy` that are no key.
#[must_use]
pub fn bytes<const N: usize>(entropy: &(impl Entropy + ?Sized)) -> [u8; N] {
    let mut into = [0; N];
    entropy.fill(&mut into);
    into
}

/// The operating system's generator, through aws-lc.
///
/// Its cost is in being asked rather than in the bytes, so each thread asks for many small draws at
/// once. What was drawn is wiped from the thread's stock. Keys never come from it.
#[derive(Debug, Default, Clone, Copy)]
pub struct OsEntropy;

/// Bytes that a thread has in stock.
const STOCK: usize = 512;

/// The longest draw from it.
const SMALL: usize = 16;

thread_local! {
    static IN_STOCK: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl Entropy for OsEntropy {
    fn fill(&self, into: &mut [u8]) {
        if into.len() > SMALL {
            return draw(into);
        }
        IN_STOCK.with_borrow_mut(|stock| {
            if stock.len() < into.len() {
                stock.resize(STOCK, 0);
                draw(stock);
            }
            let rest = stock.len() - into.len();
            for (to, from) in into.iter_mut().zip(stock.iter_mut().skip(rest)) {
                *to = mem::take(from);
            }
            stock.truncate(rest);
        });
    }

    fn fill_key(&self, into: &mut [u8]) {
        draw(into);
    }
}

fn draw(into: &mut [u8]) {
    // aws-lc aborts the process rather than hand out predictable bytes; there is no error to pass on.
    if aws_lc_rs::rand::fill(into).is_err() {
        std::process::abort();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn keys_do_not_come_from_the_stock() {
        let _: [u8; 1] = bytes(&OsEntropy);
        let held = || IN_STOCK.with_borrow(Vec::clone);
        let before = held();
        let _ = (key::<16>(&OsEntropy), key::<32>(&OsEntropy));
        assert_eq!(held(), before);
        let _: [u8; 1] = bytes(&OsEntropy);
        assert_ne!(held(), before);
    }

    #[test]
    fn small_draws_never_repeat_and_never_leave_a_gap() {
        let drawn: HashSet<[u8; 16]> = (0..1_000).map(|_| bytes(&OsEntropy)).collect();
        assert_eq!(drawn.len(), 1_000);
        for length in 0..=2 * SMALL {
            let ever_set = (0..64).fold(vec![0; length], |mut seen, _| {
                let mut into = vec![0; length];
                OsEntropy.fill(&mut into);
                seen.iter_mut()
                    .zip(into)
                    .for_each(|(seen, byte)| *seen |= byte);
                seen
            });
            assert!(ever_set.iter().all(|byte| *byte != 0), "{length}");
        }
    }
}
