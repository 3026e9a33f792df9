//! Rounds: every contender in turn, in rotated order, so that a neighbour's noise and a slow minute
//! fall on all of them.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};

use crate::{
    cpu::Meter,
    load::{self, Requests, Sample},
};

/// How long a contender is asked in a round.
const TURN: Duration = Duration::from_secs(2);

/// How long it is asked beforehand.
const WARM_UP: Duration = Duration::from_millis(1500);

/// Rounds when they agree.
const ROUNDS: usize = 5;

/// Rounds at the most.
const MOST_ROUNDS: usize = 9;

/// How far rounds may differ from their median, highest from lowest, and still agree.
const AGREEMENT: f64 = 0.15;

/// What is measured against something else.
pub(crate) struct Contender<'a> {
    /// Names it in the report.
    pub(crate) name: &'static str,
    /// Where it is asked.
    pub(crate) address: SocketAddr,
    /// The processes whose time counts: its own, PostgreSQL and Redis.
    pub(crate) pids: [u32; 3],
    /// Prepares the requests of a turn.
    pub(crate) requests: Box<dyn FnMut() -> Result<Arc<Requests>> + 'a>,
    /// Told of them after each turn.
    pub(crate) check: Check<'a>,
}

/// Looks at some of the answers to a turn. An error voids the case.
pub(crate) type Check<'a> = Box<dyn FnMut(&[Sample]) -> Result<()> + 'a>;

/// What one turn showed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turn {
    /// Requests a second.
    pub(crate) rate: f64,
    /// Processor time per request, in microseconds.
    pub(crate) cpu: f64,
    /// The same of its own process, PostgreSQL and Redis.
    pub(crate) shares: [f64; 3],
    /// Requests answered.
    pub(crate) answered: u64,
    /// How long 99 in 100 waited at the most, in milliseconds.
    pub(crate) p99: f64,
}

/// What all turns of one contender showed, round by round.
#[derive(Debug)]
pub(crate) struct Record {
    /// Whose.
    pub(crate) name: &'static str,
    turns: Vec<Turn>,
    /// Requests answered, those of the warm-up included.
    pub(crate) answered: u64,
}

impl Record {
    /// The median of processor time per request, in microseconds.
    pub(crate) fn cpu(&self) -> f64 {
        median(self.turns.iter().map(|turn| turn.cpu).collect())
    }

    /// The same of its own process, PostgreSQL and Redis.
    pub(crate) fn shares(&self) -> [f64; 3] {
        [0, 1, 2].map(|of| {
            let shares = self.turns.iter().filter_map(|turn| turn.shares.get(of));
            median(shares.copied().collect())
        })
    }

    /// The median of how long 99 in 100 waited at the most, in milliseconds.
    pub(crate) fn p99(&self) -> f64 {
        median(self.turns.iter().map(|turn| turn.p99).collect())
    }

    /// This one without what `more` takes beyond `less`, round by round, named `name`.
    pub(crate) fn without(&self, name: &'static str, more: &Self, less: &Self) -> Self {
        let turns = self.turns.iter().zip(more.turns.iter().zip(&less.turns));
        Self {
            name,
            turns: turns
                .map(|(own, (more, less))| Turn {
                    cpu: own.cpu - (more.cpu - less.cpu).max(0.0),
                    ..*own
                })
                .collect(),
            answered: self.answered,
        }
    }

    /// The median of requests a second.
    pub(crate) fn rate(&self) -> f64 {
        median(self.turns.iter().map(|turn| turn.rate).collect())
    }

    /// How many times `floor`'s requests a second this one answers: median of the rounds.
    pub(crate) fn rate_of(&self, floor: &Self) -> f64 {
        median(self.against(floor, |own, floor| own.rate / floor.rate))
    }

    /// How many times this one's processor time `floor` takes: median of the rounds. Below one,
    /// `floor` is cheaper.
    pub(crate) fn thrift_of(&self, floor: &Self) -> f64 {
        median(self.thrifts(floor))
    }

    fn thrifts(&self, floor: &Self) -> Vec<f64> {
        self.against(floor, |own, floor| floor.cpu / own.cpu)
    }

    fn against(&self, floor: &Self, ratio: impl Fn(&Turn, &Turn) -> f64) -> Vec<f64> {
        self.turns
            .iter()
            .zip(&floor.turns)
            .map(|(own, floor)| ratio(own, floor))
            .collect()
    }
}

/// Measure `contenders`, the first of them against each of the others.
pub(crate) async fn run(meter: Meter, contenders: &mut [Contender<'_>]) -> Result<Vec<Record>> {
    run_after(async || Ok(()), meter, contenders).await
}

/// The same, after each time that `prepare` is through.
pub(crate) async fn run_after(
    mut prepare: impl AsyncFnMut() -> Result<()>,
    meter: Meter,
    contenders: &mut [Contender<'_>],
) -> Result<Vec<Record>> {
    let mut records: Vec<Record> = contenders
        .iter()
        .map(|contender| Record {
            name: contender.name,
            turns: Vec::new(),
            answered: 0,
        })
        .collect();
    for (contender, record) in contenders.iter_mut().zip(&mut records) {
        prepare().await?;
        record.answered += turn(meter, contender, WARM_UP).await?.answered;
    }
    for round in 0..MOST_ROUNDS {
        if round >= ROUNDS && agree(&records) {
            break;
        }
        for at in 0..contenders.len() {
            let at = (at + round) % contenders.len();
            let (Some(contender), Some(record)) = (contenders.get_mut(at), records.get_mut(at))
            else {
                continue;
            };
            prepare().await?;
            let turn = turn(meter, contender, TURN).await?;
            record.answered += turn.answered;
            record.turns.push(turn);
        }
    }
    Ok(records)
}

/// One turn of `contender`, of `time`.
pub(crate) async fn turn(
    meter: Meter,
    contender: &mut Contender<'_>,
    time: Duration,
) -> Result<Turn> {
    let name = contender.name;
    let requests = (contender.requests)()?;
    let before = meter.used_by(contender.pids)?;
    let outcome = load::run(contender.address, &requests, time)
        .await
        .with_context(|| format!("{name}: not every answer is a success"))?;
    let after = meter.used_by(contender.pids)?;
    ensure!(!outcome.samples.is_empty(), "{name}: nothing to check");
    (contender.check)(&outcome.samples).with_context(|| format!("{name}: a wrong answer"))?;
    #[expect(
        clippy::cast_precision_loss,
        reason = "nobody answers a quadrillion requests in a turn"
    )]
    let answered = outcome.answered as f64;
    let mut before = before.into_iter();
    let shares = after.map(|after| {
        let used = after.saturating_sub(before.next().unwrap_or_default());
        used.as_secs_f64() * 1e6 / answered
    });
    Ok(Turn {
        shares,
        answered: outcome.answered,
        p99: p99(outcome.waits),
        rate: answered / outcome.elapsed.as_secs_f64(),
        cpu: shares.iter().sum(),
    })
}

/// How long 99 in 100 of `waits` were at the most, in milliseconds.
fn p99(mut waits: Vec<u32>) -> f64 {
    let place = waits.len().saturating_mul(99) / 100;
    let place = place.min(waits.len().saturating_sub(1));
    if waits.is_empty() {
        return f64::NAN;
    }
    let (_, wait, _) = waits.select_nth_unstable(place);
    f64::from(*wait) / 1e3
}

/// Whether the rounds agree on what the first costs beside each of the others.
fn agree(records: &[Record]) -> bool {
    let Some((own, floors)) = records.split_first() else {
        return true;
    };
    floors
        .iter()
        .all(|floor| spread(own.thrifts(floor)) <= AGREEMENT)
}

fn spread(values: Vec<f64>) -> f64 {
    let highest = values.iter().copied().fold(f64::MIN, f64::max);
    let lowest = values.iter().copied().fold(f64::MAX, f64::min);
    (highest - lowest) / median(values)
}

/// The middle one of `values`.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = values.get(middle).copied().unwrap_or(f64::NAN);
    if values.len().is_multiple_of(2) {
        let lower = values.get(middle.wrapping_sub(1)).copied();
        f64::midpoint(lower.unwrap_or(f64::NAN), upper)
    } else {
        upper
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(name: &'static str, cpus: &[f64]) -> Record {
        Record {
            name,
            turns: cpus
                .iter()
                .map(|cpu| Turn {
                    rate: 1e6 / cpu,
                    cpu: *cpu,
                    shares: [*cpu, 0.0, 0.0],
                    answered: 1,
                    p99: 1.0,
                })
                .collect(),
            answered: 1,
        }
    }

    #[test]
    fn a_ratio_is_taken_round_by_round() {
        let own = record("own", &[20.0, 40.0, 22.0]);
        let floor = record("floor", &[10.0, 20.0, 33.0]);
        assert!((own.thrift_of(&floor) - 0.5).abs() < 1e-9);
        assert!((own.rate_of(&floor) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn what_is_not_to_count_is_taken_off_round_by_round() {
        let own = record("own", &[90.0, 100.0, 95.0]);
        let (more, less) = (
            record("more", &[50.0, 60.0, 9.0]),
            record("less", &[10.0; 3]),
        );
        let rest = own.without("rest", &more, &less);
        let left: Vec<f64> = rest.turns.iter().map(|turn| turn.cpu).collect();
        assert_eq!(left, [50.0, 50.0, 95.0]);
    }

    #[test]
    fn rounds_that_differ_by_a_fifth_do_not_agree() {
        let floor = record("floor", &[10.0; 3]);
        assert!(agree(&[record("own", &[20.0, 20.5, 21.0]), floor]));
        let floor = record("floor", &[10.0; 3]);
        assert!(!agree(&[record("own", &[20.0, 20.0, 25.0]), floor]));
    }

    #[test]
    fn the_median_of_an_even_number_is_between_the_middle_two() {
        assert!((median(vec![4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-9);
    }
}
