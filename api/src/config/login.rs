//! Section `[login]`: one-time codes and sessions.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// "At most `count` in any window of `seconds`."
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// How many.
    pub count: u32,
    /// In how many seconds.
    pub seconds: u64,
}

impl Limit {
    /// "At most `count` in any window of `seconds`."
    #[must_use]
    pub const fn new(count: u32, seconds: u64) -> Self {
        Self { count, seconds }
    }

    /// The length of a window.
    #[must_use]
    pub const fn period(self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

/// How log-in behaves (SECURITY S1 to S8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Login {
    /// Life of a one-time code, in seconds.
    pub code_seconds: u64,
    /// Wrong guesses at the codes of one number: not reset by sending another.
    pub guesses: Limit,
    /// Consecutive wrong guesses after which SMS log-in is shut for a number until another factor succeeds.
    pub failures_before_shut: u32,
    /// Codes sent to one number.
    pub per_number: Vec<Limit>,
    /// Codes asked for from one address.
    pub per_address: Limit,
    /// Codes asked for from one subnet: /24 for IPv4, /48 for IPv6.
    pub per_subnet: Limit,
    /// Codes asked for by one device.
    pub per_device: Limit,
    /// Codes sent by the whole service.
    pub budget: Limit,
    /// Life of an access token, in seconds; 900 at the most.
    pub access_token_seconds: u64,
    /// Life of a session whatever happens, in seconds.
    pub session_seconds: u64,
    /// Life of a session that is not refreshed, in seconds.
    pub session_idle_seconds: u64,
    /// How long the answer to a refresh is given again to the same device, in seconds.
    pub refresh_replay_seconds: u64,
    /// `iss` and `aud` of access tokens.
    pub issuer: String,
}

impl Default for Login {
    fn default() -> Self {
        Self {
            code_seconds: 300,
            guesses: Limit::new(5, 300),
            failures_before_shut: 100,
            per_number: vec![
                Limit::new(1, 60),
                Limit::new(5, 3600),
                Limit::new(10, 86_400),
            ],
            per_address: Limit::new(30, 3600),
            per_subnet: Limit::new(300, 3600),
            per_device: Limit::new(20, 3600),
            budget: Limit::new(100_000, 3600),
            access_token_seconds: 900,
            session_seconds: 30 * 86_400,
            session_idle_seconds: 14 * 86_400,
            refresh_replay_seconds: 10,
            issuer: "tongxing".into(),
        }
    }
}
