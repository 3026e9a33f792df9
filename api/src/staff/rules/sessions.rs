//! How long things last.

use chrono::{DateTime, TimeDelta, Utc};

/// Life of a session, whatever happens (S10).
pub(in crate::staff) const LONGEST: TimeDelta = TimeDelta::hours(12);

/// Life of a session that nobody uses (S10).
const IDLE: TimeDelta = TimeDelta::minutes(15);

/// For how long a proof of oneself counts as fresh (S10).
pub(in crate::staff) const FRESH: TimeDelta = TimeDelta::minutes(5);

/// For how long somebody who was invited may enrol.
pub(in crate::staff) const INVITED: TimeDelta = TimeDelta::hours(72);

/// For how long a session is remembered after its end.
pub(in crate::staff) const REMEMBERED: TimeDelta = TimeDelta::days(30);

/// A use is noted only if the one before is this long ago: most requests then write nothing, and no
/// session outlives its idle time.
const NOTED: TimeDelta = TimeDelta::minutes(1);

/// Whether a session goes on at `now`.
pub(in crate::staff) fn goes_on(
    now: DateTime<Utc>,
    ended: bool,
    expires_at: DateTime<Utc>,
    used_at: DateTime<Utc>,
) -> bool {
    !ended && now < expires_at && now < used_at + IDLE
}

/// Whether a use at `now` is worth noting.
pub(in crate::staff) fn is_noted(now: DateTime<Utc>, used_at: DateTime<Utc>) -> bool {
    now >= used_at + NOTED
}

/// Whether somebody who proved themselves at `proved_at` need not do so again.
pub(in crate::staff) fn is_fresh(now: DateTime<Utc>, proved_at: DateTime<Utc>) -> bool {
    now < proved_at + FRESH
}
