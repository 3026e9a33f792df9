//! `status-list`: what became of ten million permits, put together.

use std::{
    hint::black_box,
    io::Write,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use api::{
    credentials::{Status, StatusIndex, compressed},
    platform::{Entropy, OsEntropy},
};
use flate2::{Compression, write::ZlibEncoder};

use crate::report::{self, By, Comparison};

/// Lists: each with a million permits.
const LISTS: u32 = 10;

/// Permits that were taken back or suspended, of each list.
const NOT_VALID: u32 = 10_000;

/// Bytes that the ten lists may have together.
const MOST_BYTES: usize = 250_000;

/// All lists, beside what compressing their bytes costs by itself.
pub(crate) fn run() -> Result<()> {
    let lists: Vec<Vec<(StatusIndex, Status)>> = (0..LISTS).map(not_valid).collect();
    let begun = Instant::now();
    let made: Vec<Vec<u8>> = lists
        .iter()
        .map(|list| compressed(black_box(list)))
        .collect();
    let own = begun.elapsed();
    let bytes: usize = made.iter().map(Vec::len).sum();
    let floor = bare(&lists)?;
    println!(
        "  {} permits, {} taken back or suspended: {bytes} bytes in {LISTS} lists, {:.0} ms to put them together",
        LISTS * StatusIndex::PLACES,
        LISTS * NOT_VALID,
        own.as_secs_f64() * 1e3,
    );
    ensure!(bytes <= MOST_BYTES, "{bytes} bytes");
    let ratio = floor.as_secs_f64() / own.as_secs_f64();
    let each = own.as_secs_f64() * 1e6 / f64::from(LISTS);
    let comparison = Comparison::found("bare zlib", By::Cpu, ratio, 0.8, each);
    report::conclude("status-list", &[comparison]);
    Ok(())
}

/// Places of `list` whose permits are not good.
fn not_valid(list: u32) -> Vec<(StatusIndex, Status)> {
    let mut places: Vec<_> = (0..NOT_VALID)
        .filter_map(|number| {
            let place = StatusIndex::new(list, OsEntropy.below(StatusIndex::PLACES))?;
            let status = match number % 4 {
                0 => Status::Suspended,
                _ => Status::Invalid,
            };
            Some((place, status))
        })
        .collect();
    places.sort_unstable();
    places
}

/// What compressing the same bytes takes.
fn bare(lists: &[Vec<(StatusIndex, Status)>]) -> Result<Duration> {
    let raw: Vec<Vec<u8>> = lists.iter().map(|list| bytes_of(list)).collect();
    let begun = Instant::now();
    for raw in &raw {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(raw)?;
        black_box(encoder.finish()?);
    }
    Ok(begun.elapsed())
}

fn bytes_of(list: &[(StatusIndex, Status)]) -> Vec<u8> {
    let mut bytes = vec![0_u8; StatusIndex::PLACES as usize / 4];
    for (place, status) in list {
        let (at, shift) = (place.place() as usize / 4, place.place() % 4 * 2);
        if let Some(byte) = bytes.get_mut(at) {
            *byte |= status.bits() << shift;
        }
    }
    bytes
}
