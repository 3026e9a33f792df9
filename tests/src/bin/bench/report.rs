//! What a case says.

use std::fmt;

use crate::rounds::Record;

/// What is compared.
#[derive(Debug, Clone, Copy)]
pub(crate) enum By {
    /// Our requests a second ÷ the floor's.
    Rate,
    /// The floor's processor time per request ÷ ours.
    Cpu,
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rate => "rps",
            Self::Cpu => "cpu",
        })
    }
}

/// A ratio, and what it has to reach.
#[derive(Debug)]
pub(crate) struct Comparison {
    against: &'static str,
    by: By,
    ratio: f64,
    target: f64,
    /// What our own request takes, in microseconds.
    cpu: f64,
}

impl Comparison {
    /// How `own` stands beside `floor`, where it should reach `target`.
    pub(crate) fn new(own: &Record, floor: &Record, by: By, target: f64) -> Self {
        let ratio = match by {
            By::Rate => own.rate_of(floor),
            By::Cpu => own.thrift_of(floor),
        };
        Self {
            against: floor.name,
            by,
            ratio,
            target,
            cpu: own.cpu(),
        }
    }

    /// A `ratio` that was found in another way, of requests that take `cpu` microseconds.
    pub(crate) fn found(against: &'static str, by: By, ratio: f64, target: f64, cpu: f64) -> Self {
        Self {
            against,
            by,
            ratio,
            target,
            cpu,
        }
    }

    fn is_met(&self) -> bool {
        self.ratio >= self.target
    }

    /// How far the target is exceeded; below one it is missed.
    fn margin(&self) -> f64 {
        self.ratio / self.target
    }
}

/// Say what each of `records` took.
pub(crate) fn explain(records: &[Record]) {
    for record in records {
        let [own, postgres, redis] = record.shares();
        println!(
            "  {:<24} {:>8.0} rps {:>8.2} us = own {own:.2} + postgres {postgres:.2} + redis {redis:.2}",
            record.name,
            record.rate(),
            record.cpu(),
        );
    }
}

/// Say each comparison, and the one with the least margin in the line that ends a case: a case is
/// met if all of it is.
pub(crate) fn conclude(case: &str, comparisons: &[Comparison]) {
    for comparison in comparisons {
        println!(
            "  {} against {}: {:.2} of {:.2} {}",
            comparison.by,
            comparison.against,
            comparison.ratio,
            comparison.target,
            verdict(comparison.is_met())
        );
    }
    let least = comparisons
        .iter()
        .min_by(|a, b| a.margin().total_cmp(&b.margin()));
    if let Some(least) = least {
        end(case, least.ratio, least.cpu, least.target, least.is_met());
    }
}

/// The line that ends a case.
pub(crate) fn end(case: &str, ratio: f64, cpu: f64, target: f64, met: bool) {
    let verdict = verdict(met);
    println!("case={case} ratio={ratio:.2} cpu_us={cpu:.2} target={target:.2} {verdict}");
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "short" }
}
