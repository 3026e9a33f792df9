//! Runs sweeps until told to stop.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use anyhow::anyhow;
use futures_util::FutureExt;
use metrics::{Counter, Histogram, counter, histogram};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{Job, Nudge, Nudges};
use crate::platform::{Entropy, lifecycle::Stop};

/// The first run waits a random part of this, so that nodes which start together do not work together.
const LONGEST_START: Duration = Duration::from_secs(30);

/// Runs in a row while there is a backlog. Then the others' turn comes, and the interval.
const MOST_IN_A_ROW: u32 = 1_000;

/// Run `jobs`, each at its interval and when nudged, until `stop`.
///
/// Each has a task of its own, so a slow one does not hold up the others, and none runs twice at
/// once. A run that fails or panics is reported and tried again at the next interval. Stopped
/// softly, runs under way finish and no other begins; stopped hard, they are dropped where they wait.
pub async fn run<C: Send + Sync + 'static>(
    jobs: Vec<Job<C>>,
    deps: Arc<C>,
    nudges: &Nudges,
    entropy: &dyn Entropy,
    stop: &Stop,
) {
    let mut tasks = JoinSet::new();
    for job in jobs {
        let worker = Worker {
            nudge: nudges.named(job.name),
            meters: Meters::of(job.name),
            deps: Arc::clone(&deps),
            stop: stop.clone(),
            failing: false,
            job,
        };
        let first = random_part(worker.job.every.min(LONGEST_START), entropy);
        tasks.spawn(worker.work(first));
    }
    tokio::select! {
        () = async { while tasks.join_next().await.is_some() {} } => (),
        () = stop.hard() => tasks.shutdown().await,
    }
}

fn random_part(of: Duration, entropy: &dyn Entropy) -> Duration {
    let milliseconds = u32::try_from(of.as_millis()).unwrap_or(u32::MAX);
    Duration::from_millis(entropy.below(milliseconds).into())
}

struct Worker<C: 'static> {
    job: Job<C>,
    deps: Arc<C>,
    nudge: Nudge,
    meters: Meters,
    stop: Stop,
    /// Whether the last run failed: a failure that lasts is logged when it begins and when it ends.
    failing: bool,
}

impl<C: Send + Sync> Worker<C> {
    async fn work(mut self, first: Duration) {
        let mut wait = first;
        loop {
            tokio::select! {
                biased;
                () = self.stop.soft() => return,
                () = self.nudge.woken() => (),
                () = sleep(wait) => (),
            }
            self.drain().await;
            wait = self.job.every;
        }
    }

    /// Run until there is nothing to do, or a run fails.
    async fn drain(&mut self) {
        for _ in 0..MOST_IN_A_ROW {
            if self.stop.is_soft() || self.once().await == 0 {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    /// How much was done; nothing by a run that failed.
    async fn once(&mut self) -> u64 {
        let began = Instant::now();
        let outcome = AssertUnwindSafe((self.job.run)(&self.deps))
            .catch_unwind()
            .await
            .unwrap_or_else(|_| Err(anyhow!("the sweep panicked")));
        self.meters.seconds.record(began.elapsed());
        match outcome {
            Ok(done) => self.succeeded(done),
            Err(error) => self.failed(&error),
        }
    }

    fn succeeded(&mut self, done: u64) -> u64 {
        self.meters.ok.increment(1);
        self.meters.done.increment(done);
        if std::mem::take(&mut self.failing) {
            tracing::info!(sweep = self.job.name, "{} works again", self.job.name);
        }
        done
    }

    fn failed(&mut self, error: &anyhow::Error) -> u64 {
        self.meters.failed.increment(1);
        if !std::mem::replace(&mut self.failing, true) {
            let error: &(dyn std::error::Error + 'static) = error.as_ref();
            tracing::error!(
                sweep = self.job.name,
                error,
                "{} failed, and will be tried again",
                self.job.name
            );
        }
        0
    }
}

struct Meters {
    ok: Counter,
    failed: Counter,
    done: Counter,
    seconds: Histogram,
}

impl Meters {
    fn of(sweep: &'static str) -> Self {
        Self {
            ok: counter!("sweep_runs_total", "sweep" => sweep, "outcome" => "ok"),
            failed: counter!("sweep_runs_total", "sweep" => sweep, "outcome" => "failed"),
            done: counter!("sweep_done_total", "sweep" => sweep),
            seconds: histogram!("sweep_seconds", "sweep" => sweep),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
    use tokio::{sync::Semaphore, task::JoinHandle};

    use super::*;
    use crate::platform::lifecycle::{Stopper, pair};

    /// Longer than any test: only the start and nudges make a sweep run.
    const NEVER: Duration = Duration::from_hours(24);

    #[derive(Debug)]
    struct NoJitter;

    impl Entropy for NoJitter {
        fn fill(&self, into: &mut [u8]) {
            into.fill(0);
        }
    }

    /// Each run announces itself, waits for leave, and has `backlog` things to do.
    struct Place {
        began: UnboundedSender<()>,
        leave: Semaphore,
        backlog: AtomicU32,
        running: AtomicU32,
    }

    struct Bench {
        place: Arc<Place>,
        began: UnboundedReceiver<()>,
        stopper: Stopper,
        nudge: Nudge,
        runner: JoinHandle<()>,
    }

    fn job(
        run: for<'a> fn(&'a Place) -> futures_util::future::BoxFuture<'a, anyhow::Result<u64>>,
    ) -> Job<Place> {
        Job {
            name: "test.sweep",
            every: NEVER,
            run,
        }
    }

    fn counting() -> Job<Place> {
        job(|place| {
            Box::pin(async move {
                assert_eq!(place.running.fetch_add(1, Ordering::SeqCst), 0, "alone");
                place.began.send(())?;
                place.leave.acquire().await?.forget();
                place.running.fetch_sub(1, Ordering::SeqCst);
                let left = place.backlog.load(Ordering::SeqCst);
                place
                    .backlog
                    .store(left.saturating_sub(1), Ordering::SeqCst);
                Ok(u64::from(left > 0))
            })
        })
    }

    fn start(job: Job<Place>, backlog: u32) -> Bench {
        let (began, heard) = unbounded_channel();
        let place = Arc::new(Place {
            began,
            leave: Semaphore::new(0),
            backlog: AtomicU32::new(backlog),
            running: AtomicU32::new(0),
        });
        let (stopper, stop) = pair();
        let jobs = vec![job];
        let nudges = Nudges::of(&jobs);
        let nudge = nudges.named("test.sweep");
        let deps = Arc::clone(&place);
        let runner = tokio::spawn(async move { run(jobs, deps, &nudges, &NoJitter, &stop).await });
        Bench {
            place,
            began: heard,
            stopper,
            nudge,
            runner,
        }
    }

    #[tokio::test]
    async fn a_backlog_is_worked_off_without_waiting_for_the_clock() {
        let mut bench = start(counting(), 3);
        bench.place.leave.add_permits(10);
        for _ in 0..4 {
            bench.began.recv().await.unwrap();
        }
        bench.stopper.soft();
        bench.runner.await.unwrap();
        assert!(
            bench.began.try_recv().is_err(),
            "three with work, one without"
        );
    }

    #[tokio::test]
    async fn a_nudge_during_a_run_makes_one_more_run_and_never_two_at_once() {
        let mut bench = start(counting(), 0);
        bench.began.recv().await.unwrap();
        bench.nudge.wake();
        bench.nudge.wake();
        bench.place.leave.add_permits(10);
        bench.began.recv().await.unwrap();
        bench.nudge.wake();
        bench.began.recv().await.unwrap();
        bench.stopper.soft();
        bench.runner.await.unwrap();
        assert!(bench.began.try_recv().is_err());
    }

    #[tokio::test]
    async fn a_failure_or_a_panic_does_not_end_a_sweep() {
        let mut bench = start(
            job(|place| {
                Box::pin(async move {
                    place.began.send(())?;
                    assert!(
                        place.running.fetch_add(1, Ordering::SeqCst) > 0,
                        "first run"
                    );
                    Err(anyhow!("every other run"))
                })
            }),
            0,
        );
        for _ in 0..3 {
            bench.began.recv().await.unwrap();
            bench.nudge.wake();
        }
        bench.began.recv().await.unwrap();
        bench.stopper.soft();
        bench.runner.await.unwrap();
    }

    #[tokio::test]
    async fn a_soft_stop_lets_a_run_finish_and_begins_no_other() {
        let mut bench = start(counting(), 3);
        bench.began.recv().await.unwrap();
        bench.stopper.soft();
        assert!(!bench.runner.is_finished());
        bench.place.leave.add_permits(10);
        bench.runner.await.unwrap();
        assert_eq!(bench.place.running.load(Ordering::SeqCst), 0, "it finished");
        assert!(bench.began.try_recv().is_err());
    }

    #[tokio::test]
    async fn a_hard_stop_waits_for_nothing() {
        let mut bench = start(counting(), 0);
        bench.began.recv().await.unwrap();
        bench.stopper.hard();
        bench.runner.await.unwrap();
    }
}
