//! Keeps a slow or absent Redis from taking the service with it.

use std::{
    sync::atomic::{AtomicU32, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use anyhow::anyhow;
use redis::{RedisError, RedisResult};
use tokio::sync::Semaphore;

use super::super::Unavailable;

/// Requests in a row that Redis leaves unanswered before others are refused at once.
const PATIENCE: u32 = 5;

/// How often one request is let through to try again.
const PAUSE: Duration = Duration::from_millis(500);

/// A deadline, a bulkhead and a breaker around every request.
#[derive(Debug)]
pub(super) struct Guard {
    seats: Semaphore,
    deadline: Duration,
    breaker: Breaker,
}

impl Guard {
    pub(super) fn new(in_flight: usize, deadline: Duration) -> Self {
        Self {
            seats: Semaphore::new(in_flight.clamp(1, Semaphore::MAX_PERMITS)),
            deadline,
            breaker: Breaker::new(Instant::now()),
        }
    }

    /// Run `request`, unless Redis has gone or too many wait for it already.
    pub(super) async fn run<T>(
        &self,
        request: impl Future<Output = RedisResult<T>>,
    ) -> Result<T, Unavailable> {
        let Ok(_seat) = self.seats.try_acquire() else {
            return Err(Unavailable(anyhow!("too many requests wait for Redis")));
        };
        if !self.breaker.lets_through(Instant::now()) {
            return Err(Unavailable(anyhow!("Redis has not answered lately")));
        }
        match tokio::time::timeout(self.deadline, request).await {
            Ok(Ok(answer)) => {
                self.breaker.answered();
                Ok(answer)
            }
            Ok(Err(error)) => {
                if error.code().is_some() {
                    self.breaker.answered();
                } else {
                    self.breaker.unanswered(Instant::now());
                }
                Err(Unavailable(without_data(&error)))
            }
            Err(_) => {
                self.breaker.unanswered(Instant::now());
                Err(Unavailable(anyhow!("Redis did not answer in time")))
            }
        }
    }
}

/// What went wrong, without the detail: Redis quotes keys and values in it.
fn without_data(error: &RedisError) -> anyhow::Error {
    let code = error.code().unwrap_or("no answer");
    anyhow!("{}: {code}", error.category())
}

/// Open while Redis leaves requests unanswered; then one request each pause may try.
#[derive(Debug)]
struct Breaker {
    since: Instant,
    unanswered: AtomicU32,
    /// Milliseconds after `since` at which the next try may pass; zero while closed.
    next_try: AtomicU64,
}

impl Breaker {
    const fn new(since: Instant) -> Self {
        Self {
            since,
            unanswered: AtomicU32::new(0),
            next_try: AtomicU64::new(0),
        }
    }

    fn lets_through(&self, now: Instant) -> bool {
        let next_try = self.next_try.load(Ordering::Relaxed);
        if next_try == 0 {
            return true;
        }
        let later = self.millis(now + PAUSE);
        self.millis(now) >= next_try
            && self
                .next_try
                .compare_exchange(next_try, later, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    fn answered(&self) {
        // Reading first leaves the cache line shared between threads.
        if self.unanswered.load(Ordering::Relaxed) != 0 {
            self.unanswered.store(0, Ordering::Relaxed);
        }
        if self.next_try.load(Ordering::Relaxed) != 0 {
            self.next_try.store(0, Ordering::Relaxed);
        }
    }

    fn unanswered(&self, now: Instant) {
        if self.unanswered.fetch_add(1, Ordering::Relaxed) >= PATIENCE - 1 {
            let next_try = self.millis(now + PAUSE);
            self.next_try.store(next_try, Ordering::Relaxed);
        }
    }

    fn millis(&self, at: Instant) -> u64 {
        u64::try_from(at.duration_since(self.since).as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use futures_util::FutureExt;
    use redis::ErrorKind;

    use super::*;

    const MOMENT: Duration = Duration::from_millis(1);
    const ALMOST_A_PAUSE: Duration = PAUSE.saturating_sub(MOMENT);

    fn reason<T: std::fmt::Debug>(outcome: Result<T, Unavailable>) -> String {
        outcome.unwrap_err().0.to_string()
    }

    #[tokio::test]
    async fn a_request_that_redis_leaves_hanging_ends_at_the_deadline() {
        let guard = Guard::new(1, MOMENT);
        let outcome = guard.run(pending::<RedisResult<()>>()).await;
        assert_eq!(reason(outcome), "Redis did not answer in time");
    }

    #[tokio::test]
    async fn beyond_the_bulkhead_requests_are_refused_at_once() {
        let guard = Guard::new(2, Duration::MAX);
        let mut hanging = [
            Box::pin(guard.run(pending::<RedisResult<()>>())),
            Box::pin(guard.run(pending::<RedisResult<()>>())),
        ];
        for request in &mut hanging {
            assert!(request.as_mut().now_or_never().is_none());
        }
        let refused = guard.run(ready(Ok(()))).now_or_never().unwrap();
        assert_eq!(reason(refused), "too many requests wait for Redis");
        drop(hanging);
        guard.run(ready(Ok(()))).await.unwrap();
    }

    #[tokio::test]
    async fn an_error_does_not_carry_what_redis_quoted() {
        let guard = Guard::new(1, MOMENT);
        let error: RedisError = (
            ErrorKind::Client,
            "command failed",
            "beginning with: secret".to_owned(),
        )
            .into();
        let outcome = guard.run(ready(Err::<(), _>(error))).await;
        assert_eq!(reason(outcome), "client error: no answer");
    }

    #[test]
    fn after_enough_silence_only_one_request_each_pause_tries() {
        let start = Instant::now();
        let breaker = Breaker::new(start);
        for _ in 0..PATIENCE - 1 {
            breaker.unanswered(start);
        }
        assert!(breaker.lets_through(start), "patience is not at its end");
        breaker.unanswered(start);
        assert!(!breaker.lets_through(start + ALMOST_A_PAUSE));
        assert!(breaker.lets_through(start + PAUSE));
        assert!(!breaker.lets_through(start + PAUSE), "one try is enough");
        breaker.unanswered(start + PAUSE);
        assert!(!breaker.lets_through(start + PAUSE + ALMOST_A_PAUSE));
    }

    #[test]
    fn an_answer_closes_the_breaker() {
        let start = Instant::now();
        let breaker = Breaker::new(start);
        for _ in 0..PATIENCE {
            breaker.unanswered(start);
        }
        breaker.answered();
        assert!(breaker.lets_through(start));
        breaker.unanswered(start);
        assert!(breaker.lets_through(start), "silence is counted anew");
    }
}
