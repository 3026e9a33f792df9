//! Pure decisions about copies and deletions.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// How long ago a log-in may be for what takes a fresh one.
pub const FRESH: TimeDelta = TimeDelta::minutes(10);

/// Copies that somebody may have made in a day: of themselves and of each whom they act for.
pub const COPIES_A_DAY: u32 = 10;

/// Whether a log-in of `logged_in_at` is fresh at `now`.
#[must_use]
pub fn is_fresh(logged_in_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - logged_in_at <= FRESH
}

/// When trying again may help, where what stands in the way ends at `untils`: after the last of them, if all are
/// known.
#[must_use]
pub fn try_again_after(
    untils: impl IntoIterator<Item = Option<DateTime<Utc>>>,
    now: DateTime<Utc>,
) -> Option<Duration> {
    let untils: Option<Vec<DateTime<Utc>>> = untils.into_iter().collect();
    let last = untils?.into_iter().max()?;
    (last - now).to_std().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> DateTime<Utc> {
        "2026-03-02T04:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_log_in_is_fresh_for_ten_minutes() {
        assert!(is_fresh(noon(), noon()));
        assert!(is_fresh(noon(), noon() + FRESH));
        assert!(!is_fresh(noon(), noon() + FRESH + TimeDelta::seconds(1)));
    }

    #[test]
    fn trying_again_helps_after_the_last_end_unless_one_is_not_known() {
        let ends = [TimeDelta::hours(1), TimeDelta::hours(3)].map(|end| Some(noon() + end));
        let wait = Some(Duration::from_hours(3));
        assert_eq!(try_again_after(ends, noon()), wait);
        assert_eq!(
            try_again_after(ends.into_iter().chain([None]), noon()),
            None
        );
        assert_eq!(try_again_after([], noon()), None);
        assert_eq!(
            try_again_after([Some(noon())], noon()),
            Some(Duration::ZERO)
        );
        let over = Some(noon() - TimeDelta::hours(1));
        assert_eq!(try_again_after([over], noon()), None);
    }
}
