//! The one way out: every call to another system passes here, with its bounds (S18, R7).

mod breaker;
mod call;

use std::{fmt, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use chrono::TimeDelta;
use reqwest::{Client, StatusCode, redirect, retry};
use serde::Deserialize;
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep_until, timeout_at},
};

use self::breaker::Breaker;
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
    /// Calls in flight at once; one more is refused at once.
    pub in_flight: usize,
    /// Failures in a row that open the breaker.
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
            Self::Full | Self::Resting | Self::Connect(_) => true,
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
pub(super) struct Outbound {
    platform: &'static str,
    client: Client,
    limits: Limits,
    in_flight: Semaphore,
    breaker: Breaker,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
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
            .build()?;
        Ok(Self {
            platform,
            client,
            limits,
            in_flight: Semaphore::new(limits.in_flight.min(Semaphore::MAX_PERMITS)),
            breaker: Breaker::new(
                limits.failures,
                TimeDelta::milliseconds(limits.rest_ms.into()),
            ),
            clock,
            entropy,
        })
    }

    /// When a use of the platform that begins now must be over.
    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + Duration::from_millis(self.limits.total_ms.into())
    }

    /// Make `call` and read the answer, all of it before `deadline`.
    ///
    /// An idempotent call that fails fast is made a second time, once, after a drawn wait.
    pub(super) async fn call(&self, call: Call, deadline: Instant) -> Result<Reply, Failure> {
        let outcome = match self.in_flight.try_acquire() {
            Err(_) => Err(Failure::Full),
            Ok(_permit) => self.within_bulkhead(call, deadline).await,
        };
        let label = outcome.as_ref().map_or_else(Failure::label, |_| "answered");
        metrics::counter!("outbound_calls_total", "platform" => self.platform, "outcome" => label)
            .increment(1);
        outcome
    }

    async fn within_bulkhead(&self, call: Call, deadline: Instant) -> Result<Reply, Failure> {
        let second = call.again();
        let first = self.attempt(call, deadline).await;
        let Some(second) = second.filter(|_| worth_repeating(&first)) else {
            return first;
        };
        let wait = Duration::from_millis(self.entropy.below(JITTER_MS).into());
        if Instant::now() + wait >= deadline {
            return first;
        }
        sleep_until(Instant::now() + wait).await;
        match self.attempt(second, deadline).await {
            Err(Failure::Resting) => first,
            outcome => outcome,
        }
    }

    async fn attempt(&self, call: Call, deadline: Instant) -> Result<Reply, Failure> {
        let attempt = self
            .breaker
            .admit(self.clock.now())
            .ok_or(Failure::Resting)?;
        let outcome = timeout_at(deadline, self.exchange(call))
            .await
            .unwrap_or(Err(Failure::TimedOut));
        let well = outcome
            .as_ref()
            .is_ok_and(|reply| !reply.status.is_server_error());
        attempt.ended(well, self.clock.now());
        outcome
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
