//! Pure decisions about sessions.

use chrono::{DateTime, TimeDelta, Utc};

/// Life of a session, whatever happens (S10).
pub(super) const LONGEST: TimeDelta = TimeDelta::hours(12);

/// Life of a session that nobody uses (S10).
pub(super) const IDLE: TimeDelta = TimeDelta::minutes(15);

/// For how long a proof of oneself counts as fresh (S10).
pub(super) const FRESH: TimeDelta = TimeDelta::minutes(5);

/// A use is noted only if the one before is this long ago: most requests then write nothing, and no
/// session outlives its idle time.
const NOTED: TimeDelta = TimeDelta::minutes(1);

/// Whether a session goes on at `now`.
pub(super) fn goes_on(
    now: DateTime<Utc>,
    ended: bool,
    expires_at: DateTime<Utc>,
    used_at: DateTime<Utc>,
) -> bool {
    !ended && now < expires_at && now < used_at + IDLE
}

/// Whether a use at `now` is worth noting.
pub(super) fn is_noted(now: DateTime<Utc>, used_at: DateTime<Utc>) -> bool {
    now >= used_at + NOTED
}

/// Whether somebody who proved themselves at `proved_at` need not do so again.
pub(super) fn is_fresh(now: DateTime<Utc>, proved_at: DateTime<Utc>) -> bool {
    now < proved_at + FRESH
}
