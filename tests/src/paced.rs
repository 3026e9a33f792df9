//! Load at a fixed rate: people come when they come, whether or not those before them were answered.

use std::{
    net::SocketAddr,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use tokio::{
    sync::oneshot,
    task::JoinSet,
    time::{Instant as TokioInstant, sleep_until},
};

use crate::load::{Connection, Requests, Sample};

/// Who comes, and how often.
#[derive(Debug, Clone)]
pub struct Arrivals {
    /// What they ask, in order.
    pub requests: Arc<Requests>,
    /// How many come in a second.
    pub per_second: u32,
    /// Connections that they share: more than are ever waiting at a time.
    pub connections: u32,
    /// The one status that is right.
    pub status: u16,
}

/// How long everybody waited.
#[derive(Debug, Default)]
pub struct Waits {
    /// Shortest first.
    sorted: Vec<Duration>,
    /// Answers that were kept.
    pub samples: Vec<Sample>,
}

impl Waits {
    /// How many were answered.
    #[must_use]
    pub fn count(&self) -> usize {
        self.sorted.len()
    }

    /// The wait that `part` of all thousand did not exceed: 990 for the ninety-ninth percentile.
    #[must_use]
    pub fn per_mille(&self, part: usize) -> Duration {
        let rank = (self.sorted.len() * part).div_ceil(1_000).saturating_sub(1);
        self.sorted.get(rank).copied().unwrap_or_default()
    }

    /// The longest wait.
    #[must_use]
    pub fn longest(&self) -> Duration {
        self.sorted.last().copied().unwrap_or_default()
    }

    /// All of `parts` together.
    pub fn together<'a>(parts: impl Iterator<Item = &'a Self>) -> Self {
        let waits = parts.flat_map(|part| part.sorted.iter().copied());
        Self::of(waits.collect(), Vec::new())
    }

    fn of(mut waits: Vec<Duration>, samples: Vec<Sample>) -> Self {
        waits.sort_unstable();
        Self {
            sorted: waits,
            samples,
        }
    }
}

/// Let `arrivals` come to `server` for `time`, and wait for every answer.
pub async fn run(server: SocketAddr, arrivals: Arrivals, time: Duration) -> Result<Waits> {
    let (sender, receiver) = oneshot::channel();
    thread::spawn(move || {
        // Nobody listens when the benchmark is being stopped.
        let _ = sender.send(on_this_thread(server, &arrivals, time));
    });
    receiver.await.context("a thread of the load died")?
}

fn on_this_thread(server: SocketAddr, arrivals: &Arrivals, time: Duration) -> Result<Waits> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut opened = Vec::new();
        for _ in 0..arrivals.connections {
            opened.push(Connection::open(server).await?);
        }
        let began = Instant::now();
        let mut connections = JoinSet::new();
        for (turn, connection) in (0_u32..).zip(opened) {
            connections.spawn(on_one_connection(
                connection,
                arrivals.clone(),
                turn,
                began,
                time,
            ));
        }
        let (mut waits, mut samples) = (Vec::new(), Vec::new());
        while let Some(part) = connections.join_next().await {
            let (more_waits, more_samples) = part??;
            waits.extend(more_waits);
            samples.extend(more_samples);
        }
        ensure!(!waits.is_empty(), "nobody came");
        Ok(Waits::of(waits, samples))
    })
}

async fn on_one_connection(
    mut connection: Connection,
    arrivals: Arrivals,
    turn: u32,
    began: Instant,
    time: Duration,
) -> Result<(Vec<Duration>, Vec<Sample>)> {
    let apart = Duration::from_secs(1) / arrivals.per_second;
    let (mut waits, mut samples) = (Vec::new(), Vec::new());
    let mut due = apart * turn;
    while due < time {
        let came = arrive(began + due).await;
        let Some(request) = arrivals.requests.take() else {
            break;
        };
        let answer = connection.ask(request.bytes, request.keep).await?;
        waits.push(came.elapsed());
        ensure!(
            answer.status == arrivals.status,
            "answered with {}, not {}: {}",
            answer.status,
            arrivals.status,
            String::from_utf8_lossy(&answer.body)
        );
        if request.keep {
            samples.push(Sample {
                request: request.at,
                body: answer.body,
            });
        }
        due += apart * arrivals.connections;
    }
    Ok((waits, samples))
}

/// Wait until `due`, and say when waiting for the answer begins. Whoever is held up by an earlier
/// answer has waited since they were due; that the timer is late by a part of a millisecond is nobody's
/// wait.
async fn arrive(due: Instant) -> Instant {
    if Instant::now() >= due {
        return due;
    }
    sleep_until(TokioInstant::from_std(due)).await;
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_wait_that_somebody_had() {
        let waits = Waits::of(
            (1..=1_000).rev().map(Duration::from_millis).collect(),
            Vec::new(),
        );
        for (part, milliseconds) in [(500, 500), (990, 990), (999, 999), (1_000, 1_000)] {
            assert_eq!(waits.per_mille(part), Duration::from_millis(milliseconds));
        }
        let few = Waits::of(vec![Duration::from_millis(7)], Vec::new());
        assert_eq!(few.per_mille(990), Duration::from_millis(7));
        let all = Waits::together([&waits, &few].into_iter());
        assert_eq!(
            (all.count(), all.longest()),
            (1_001, Duration::from_secs(1))
        );
    }
}
