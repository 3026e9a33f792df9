//! Randomness as an argument.

use std::fmt::Debug;

use uuid::{Builder, Uuid};

/// Where randomness comes from: the operating system in production, a seed in tests.
pub trait Entropy: Debug + Send + Sync {
    /// Fill `into` with unpredictable bytes.
    fn fill(&self, into: &mut [u8]);

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

/// `N` bytes from `entropy`.
#[must_use]
pub fn bytes<const N: usize>(entropy: &(impl Entropy + ?Sized)) -> [u8; N] {
    let mut into = [0; N];
    entropy.fill(&mut into);
    into
}

/// The operating system's generator, through aws-lc.
#[derive(Debug, Default, Clone, Copy)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, into: &mut [u8]) {
        // aws-lc aborts the process rather than hand out predictable bytes; there is no error to pass on.
        if aws_lc_rs::rand::fill(into).is_err() {
            std::process::abort();
        }
    }
}
