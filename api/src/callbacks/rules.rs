//! When a message of a platform's is too old, and when it happened.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// How long a message is remembered, so that it is not taken in twice: longer than Alipay repeats one
/// (25 hours), and much longer than WeChat does.
pub const KEPT: TimeDelta = TimeDelta::days(3);

/// Whether a call that says it was made at `timestamp`, in Unix seconds, was made within `tolerance`
/// of `now`.
pub(super) fn is_fresh(timestamp: &str, now: DateTime<Utc>, tolerance: Duration) -> bool {
    let made = timestamp.parse::<i64>();
    made.is_ok_and(|made| now.timestamp().abs_diff(made) <= tolerance.as_secs())
}

/// When something happened that a platform dates `seconds`, in Unix seconds: not after `now`, whatever
/// the platform's clock says.
pub(super) fn happened_at(seconds: i64, now: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).map_or(now, |at| at.min(now))
}

/// The latest moment that `at` may stand for: platforms name the second, and no more.
pub(super) fn at_the_latest(at: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    (at + TimeDelta::seconds(1)).min(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIVE_MINUTES: Duration = Duration::from_mins(5);

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_772_424_000, 900_000_000).unwrap()
    }

    #[test]
    fn a_call_is_fresh_for_the_tolerance_on_either_side() {
        for (timestamp, fresh) in [
            ("1772424000", true),
            ("1772423700", true),
            ("1772423699", false),
            ("1772424300", true),
            ("1772424301", false),
        ] {
            assert_eq!(
                is_fresh(timestamp, noon(), FIVE_MINUTES),
                fresh,
                "{timestamp}"
            );
        }
    }

    #[test]
    fn what_is_no_time_is_not_fresh() {
        for timestamp in [
            "",
            "now",
            "-1",
            "1772424000.0",
            " 1772424000",
            "9223372036854775807",
            "-9223372036854775808",
            "92233720368547758070",
        ] {
            assert!(!is_fresh(timestamp, noon(), FIVE_MINUTES), "{timestamp}");
        }
    }

    #[test]
    fn a_second_lasts_a_second_and_not_beyond_the_present() {
        let second = DateTime::from_timestamp(1_772_423_990, 0).unwrap();
        assert_eq!(
            at_the_latest(second, noon()),
            second + TimeDelta::seconds(1)
        );
        let present = happened_at(1_772_424_000, noon());
        assert_eq!(at_the_latest(present, noon()), noon());
    }

    #[test]
    fn nothing_happened_in_the_future() {
        assert_eq!(
            happened_at(1_772_423_999, noon()).timestamp(),
            1_772_423_999
        );
        for future in [1_772_424_001, i64::MAX] {
            assert_eq!(happened_at(future, noon()), noon());
        }
    }
}
