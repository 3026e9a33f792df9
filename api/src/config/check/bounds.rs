//! How far a deployment that people rely on may stretch what protects them.

use std::ops::RangeInclusive;

use super::{Config, Refuse};
use crate::config::Limit;

/// Seconds that a one-time code may live (S1).
const CODE_SECONDS: RangeInclusive<u64> = 60..=300;

/// Guesses at a secret that may be made in five minutes (S2, S10).
const GUESSES: Limit = Limit::new(5, 300);

/// Seconds that a session may go on whatever happens: 30 days (S8).
const LONGEST_SESSION: u64 = 30 * 86_400;

/// Seconds within which a refresh may be repeated by whoever lost the answer (S8).
const LONGEST_REPLAY: u64 = 30;

/// Seconds that a colour may be shown while nobody can be asked about it (R10).
const LONGEST_SURVIVAL: u32 = 600;

/// Milliseconds that a request may wait for a connection to the database: in them it is told to come again (R8).
const LONGEST_WAIT: RangeInclusive<u64> = 1..=1_000;

/// Milliseconds that a client may take to send a head, or a body (R11).
const SLOWEST_REQUEST: RangeInclusive<u64> = 1_000..=10_000;

/// What production refuses because it would not keep what is promised.
pub(super) fn promised(config: &Config, refuse: &mut Refuse<'_>) {
    let login = &config.login;
    refuse(
        !CODE_SECONDS.contains(&login.code_seconds),
        "login.code_seconds",
        "must be one to five minutes in production",
    );
    refuse(
        !is_as_strict(login.guesses),
        "login.guesses",
        "must be 5 in 300 seconds at the most in production",
    );
    refuse(
        login.per_number.is_empty(),
        "login.per_number",
        "must limit the codes sent to one number",
    );
    refuse(
        !(1..=LONGEST_SESSION).contains(&login.session_seconds),
        "login.session_seconds",
        "must be 30 days at the most in production",
    );
    refuse(
        login.session_idle_seconds > login.session_seconds,
        "login.session_idle_seconds",
        "must not exceed session_seconds",
    );
    refuse(
        login.refresh_replay_seconds > LONGEST_REPLAY,
        "login.refresh_replay_seconds",
        "must be 30 seconds at the most in production",
    );
    let attempts = &config.staff.attempts;
    refuse(
        !attempts.is_empty() && !attempts.iter().copied().any(is_as_strict),
        "staff.attempts",
        "must allow 5 in 300 seconds at the most in production",
    );
    refuse(
        config.display.survive_seconds > LONGEST_SURVIVAL,
        "display.survive_seconds",
        "must be ten minutes at the most in production",
    );
    refuse(
        !SLOWEST_REQUEST.contains(&config.server.slowest_request_ms),
        "server.slowest_request_ms",
        "must be 1000 to 10000 in production",
    );
    refuse(
        !LONGEST_WAIT.contains(&config.database.acquire_timeout_ms),
        "database.acquire_timeout_ms",
        "must be 1 to 1000 in production: who waits longer is told to come again",
    );
    refuse(
        config.database.statement_timeout_ms == 0,
        "database.statement_timeout_ms",
        "must bound how long a statement runs in production",
    );
    refuse(
        config.secrets.shares_a_key(),
        "secrets.index_keys",
        "holds a key that also seals",
    );
}

/// What development refuses: everybody knows its keys.
pub(super) fn published(config: &Config, refuse: &mut Refuse<'_>) {
    let secrets = &config.secrets;
    let known = secrets.has_development_encryption_key() || secrets.has_development_index_key();
    refuse(
        known && !config.server.listen.ip().is_loopback(),
        "server.listen",
        "must be on this machine alone while the published development keys are in use",
    );
}

const fn is_as_strict(limit: Limit) -> bool {
    limit.count <= GUESSES.count && limit.seconds >= GUESSES.seconds
}
