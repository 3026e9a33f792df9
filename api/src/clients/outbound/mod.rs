//! The one way out: every call to another system passes here, with its bounds (S18, R7).

mod breaker;
mod call;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use chrono::TimeDelta;
use reqwest::{Client, StatusCode, redirect, retry};
use serde::Deserialize;
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep_until, timeout_at},
};

use self::breaker::{Attempt, Breaker, Change};
pub(super) use self::call::{Call, FORM, JSON, endpoint};
use crate::platform::{Clock, Entropy};

/// Longest wait before a second try; the wait itself is drawn.
const JITTER_MS: u32 = 100;

/// What one platform may cost us. The defaults are those of R7 and S18.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Milliseconds to open a connection.
    pub connect_ms: u32,
    /// Milliseconds for everything that one use of the platform needs, second tries included.
    pub total_ms: u32,
    /// Longest answer that is read, decompressed, in bytes.
    pub reply_bytes: usize,
    /// Calls of one kind in flight at once; one more is refused at once.
    pub in_flight: usize,
    /// Failures of one kind of call in a row that open its breaker.
    pub failures: u32,
    /// Milliseconds that the breaker stays open.
    pub rest_ms: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect_ms: 300,
            total_ms: 2_000,
            reply_bytes: 64 * 1024,
            in_flight: 64,
            failures: 5,
            rest_ms: 5_000,
        }
    }
}

/// Make aws-lc the TLS library of this process. Harmless when repeated.
pub fn install_tls() {
    // An error says that a provider is installed already, by an earlier call of this.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// Why there is no answer. Never carries a URL, a body, or anything of a person.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// As many calls are in flight as this platform may have.
    #[error("too many calls in flight")]
    Full,
    /// The platform failed too often of late.
    #[error("the circuit breaker is open")]
    Resting,
    /// No connection: nothing was sent.
    #[error("no connection")]
    Connect(#[source] reqwest::Error),
    /// The time was over before the call was made.
    #[error("the deadline had passed before the call")]
    TooLate,
    /// Nothing, or not everything, came in time.
    #[error("no answer within the deadline")]
    TimedOut,
    /// The answer is longer than any that is expected.
    #[error("the answer is too long")]
    TooLong,
    /// The connection broke, or what came over it is not HTTP.
    #[error("the connection failed")]
    Broken(#[source] reqwest::Error),
}

impl Failure {
    /// Whether the platform surely did not see the request.
    pub(super) fn surely_not_sent(&self) -> bool {
        match self {
            Self::Full | Self::Resting | Self::TooLate | Self::Connect(_) => true,
            Self::TimedOut | Self::TooLong | Self::Broken(_) => false,
        }
    }

    fn of(error: reqwest::Error) -> Self {
        let error = error.without_url();
        if error.is_connect() {
            Self::Connect(error)
        } else if error.is_timeout() {
            Self::TimedOut
        } else {
            Self::Broken(error)
        }
    }

    fn label(&self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Resting => "resting",
            Self::Connect(_) => "no_connection",
            Self::TooLate => "too_late",
            Self::TimedOut => "timed_out",
            Self::TooLong => "too_long",
            Self::Broken(_) => "broken",
        }
    }
}

/// An answer, whatever its status and content type.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
}

/// The way to one platform.
///
/// Bulkhead and breaker are those of a [kind](Call::kind) of call. Were they shared, a log-in whose
/// first call goes well and whose second hangs would keep the breaker closed for ever, and every
/// log-in waiting.
pub(super) struct Outbound {
    platform: &'static str,
    client: Client,
    limits: Limits,
    /// By kind of call: as many as the code names.
    lanes: Mutex<BTreeMap<&'static str, Arc<Lane>>>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// What calls of one kind share.
struct Lane {
    kind: &'static str,
    in_flight: Semaphore,
    breaker: Breaker,
}

impl Outbound {
    /// A way to `platform` within `limits`. Fails if the machine has no root certificates.
    pub(super) fn new(
        platform: &'static str,
        limits: Limits,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> anyhow::Result<Self> {
        install_tls();
        let client = Client::builder()
            .connect_timeout(Duration::from_millis(limits.connect_ms.into()))
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .no_proxy()
            // A call that is given up takes its connection along. With HTTP/2 all calls would share
            // one, and a connection that died silently would outlive every breaker's rest.
            .http1_only()
            .build()?;
        Ok(Self {
            platform,
            client,
            limits,
            lanes: Mutex::default(),
            clock,
            entropy,
        })
    }

    /// When a use of the platform that begins now must be over.
    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + Duration::from_millis(self.limits.total_ms.into())
    }

    /// The same for a use that is part of one that must be over `by` then.
    pub(super) fn deadline_within(&self, by: Instant) -> Instant {
        self.deadline().min(by)
    }

    /// Make `call` and read the answer, all of it before `deadline`.
    ///
    /// An idempotent call that fails fast is made a second time, once, after a drawn wait.
    ///
    /// A caller that goes away counts as a failure of the platform if it had stayed for a quarter of
    /// what one use may take: whoever is that impatient has learnt something of the platform. One that
    /// goes sooner counts for nothing, so that nobody opens a breaker by hanging up.
    pub(super) async fn call(&self, call: Call, deadline: Instant) -> Result<Reply, Failure> {
        let lane = self.lane(call.its_kind());
        let mut measured = Measured::from_now(self.platform, lane.kind);
        let outcome = match lane.in_flight.try_acquire() {
            Err(_) => Err(Failure::Full),
            Ok(_permit) => self.within_bulkhead(&lane, call, deadline).await,
        };
        measured.outcome = outcome.as_ref().map_or_else(Failure::label, |_| "answered");
        outcome
    }

    fn lane(&self, kind: &'static str) -> Arc<Lane> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = lanes
            .entry(kind)
            .or_insert_with(|| Arc::new(Lane::new(kind, self.limits)));
        Arc::clone(lane)
    }

    async fn within_bulkhead(
        &self,
        lane: &Lane,
        call: Call,
        deadline: Instant,
    ) -> Result<Reply, Failure> {
        let second = call.again();
        let first = self.attempt(lane, call, deadline).await;
        let Some(second) = second.filter(|_| worth_repeating(&first)) else {
            return first;
        };
        let wait = Duration::from_millis(self.entropy.below(JITTER_MS).into());
        if Instant::now() + wait >= deadline {
            return first;
        }
        sleep_until(Instant::now() + wait).await;
        match self.attempt(lane, second, deadline).await {
            // The first may have reached the platform, whatever kept the second from it.
            Err(failure) if failure.surely_not_sent() => first,
            outcome => outcome,
        }
    }

    async fn attempt(&self, lane: &Lane, call: Call, deadline: Instant) -> Result<Reply, Failure> {
        if Instant::now() >= deadline {
            // Not the platform's fault, and not to be counted as such.
            return Err(Failure::TooLate);
        }
        let attempt = lane
            .breaker
            .admit(self.clock.now())
            .ok_or(Failure::Resting)?;
        let underway = Underway {
            outbound: self,
            kind: lane.kind,
            began: Instant::now(),
            attempt: Some(attempt),
        };
        let outcome = timeout_at(deadline, self.exchange(call))
            .await
            .unwrap_or(Err(Failure::TimedOut));
        let well = outcome
            .as_ref()
            .is_ok_and(|reply| !reply.status.is_server_error());
        underway.ended(well);
        outcome
    }

    fn tell(&self, kind: &'static str, change: Change) {
        let platform = self.platform;
        let open = metrics::gauge!(
            "outbound_breaker_open", "platform" => platform, "call" => kind
        );
        match change {
            Change::Opened => {
                open.set(1.0);
                tracing::warn!(
                    platform,
                    call = kind,
                    "{platform} fails at {kind} again and again: it is left alone for a while"
                );
            }
            Change::Closed => {
                open.set(0.0);
                tracing::info!(platform, call = kind, "{platform} answers at {kind} again");
            }
        }
    }

    async fn exchange(&self, call: Call) -> Result<Reply, Failure> {
        let mut response = self
            .client
            .execute(call.into_request())
            .await
            .map_err(Failure::of)?;
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(Failure::of)? {
            if body.len().saturating_add(chunk.len()) > self.limits.reply_bytes {
                return Err(Failure::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply {
            status: response.status(),
            body: body.freeze(),
        })
    }
}

/// An attempt until it has ended, also if nobody waits for its end.
struct Underway<'a> {
    outbound: &'a Outbound,
    kind: &'static str,
    began: Instant,
    attempt: Option<Attempt<'a>>,
}

impl Underway<'_> {
    fn ended(mut self, well: bool) {
        self.judge(well);
    }

    fn judge(&mut self, well: bool) {
        let change = self
            .attempt
            .take()
            .and_then(|attempt| attempt.ended(well, self.outbound.clock.now()));
        if let Some(change) = change {
            self.outbound.tell(self.kind, change);
        }
    }
}

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        let total = Duration::from_millis(self.outbound.limits.total_ms.into());
        if self.began.elapsed() >= total / 4 {
            self.judge(false);
        }
    }
}

/// Writes down one call, also one whose caller went away.
struct Measured {
    platform: &'static str,
    kind: &'static str,
    began: Instant,
    outcome: &'static str,
}

impl Measured {
    fn from_now(platform: &'static str, kind: &'static str) -> Self {
        Self {
            platform,
            kind,
            began: Instant::now(),
            outcome: "abandoned",
        }
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        let (platform, kind) = (self.platform, self.kind);
        metrics::counter!(
            "outbound_calls_total",
            "platform" => platform, "call" => kind, "outcome" => self.outcome
        )
        .increment(1);
        metrics::histogram!("outbound_call_seconds", "platform" => platform, "call" => kind)
            .record(self.began.elapsed());
    }
}

impl Lane {
    fn new(kind: &'static str, limits: Limits) -> Self {
        Self {
            kind,
            in_flight: Semaphore::new(limits.in_flight.min(Semaphore::MAX_PERMITS)),
            breaker: Breaker::new(
                limits.failures,
                TimeDelta::milliseconds(limits.rest_ms.into()),
            ),
        }
    }
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound")
            .field("platform", &self.platform)
            .finish_non_exhaustive()
    }
}

fn worth_repeating(outcome: &Result<Reply, Failure>) -> bool {
    match outcome {
        Ok(reply) => reply.status.is_server_error(),
        Err(failure) => matches!(failure, Failure::Connect(_) | Failure::Broken(_)),
    }
}

#[cfg(test)]
mod tests;
