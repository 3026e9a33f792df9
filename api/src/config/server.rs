//! Section `[server]`: how requests come in.

use std::{net::SocketAddr, time::Duration};

use serde::Deserialize;
use url::Url;

use super::Limit;

/// How requests come in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where to tell operators' machines alone: `/metrics`, `/healthz` and `/readyz`. The public address tells
    /// nobody `/metrics` then; if it is left out, it does.
    pub metrics_listen: Option<SocketAddr>,
    /// Threads that handle requests; 0 for one per core.
    pub workers: usize,
    /// How the public reaches this service. In production an `https` address.
    pub public_url: String,
    /// Proxies of ours before this service: so many addresses from the right of `X-Forwarded-For` are
    /// believed, and 0 believes none (S17).
    pub trusted_proxy_hops: u8,
    /// Milliseconds that a client may take to send the head of a request, and as many again for its body (R11).
    pub slowest_request_ms: u64,
    /// Seconds to finish what was accepted, when told to stop (R13).
    pub shutdown_seconds: u64,
    /// Seconds before that in which everything is served, and `/readyz` says that it is not, so that balancers
    /// send nobody any more.
    pub leave_seconds: u64,
    /// Connections of one worker at a time; beyond it clients wait to be accepted.
    pub max_connections: usize,
    /// Codes, passes and receipts that one address may have verified by one process, without saying who it is.
    pub verifications_per_address: Limit,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            metrics_listen: None,
            workers: 0,
            public_url: "http://127.0.0.1:8080".into(),
            trusted_proxy_hops: 0,
            slowest_request_ms: 10_000,
            shutdown_seconds: 20,
            leave_seconds: 0,
            max_connections: 10_000,
            verifications_per_address: Limit::new(6_000, 60),
        }
    }
}

impl Server {
    /// Threads that handle requests: as set, or one per core.
    #[must_use]
    pub fn worker_threads(&self) -> usize {
        match self.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            workers => workers,
        }
    }

    /// Whether the public reaches us by https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        Url::parse(&self.public_url).is_ok_and(|url| url.scheme() == "https")
    }

    /// How long a client may take to send a head, and a body.
    #[must_use]
    pub fn slowest(&self) -> Duration {
        Duration::from_millis(self.slowest_request_ms)
    }

    /// How long to finish what was accepted, once nothing new is.
    #[must_use]
    pub fn grace(&self) -> Duration {
        Duration::from_secs(self.shutdown_seconds)
    }

    /// How long everything is still served when told to stop.
    #[must_use]
    pub fn leave(&self) -> Duration {
        Duration::from_secs(self.leave_seconds)
    }
}
