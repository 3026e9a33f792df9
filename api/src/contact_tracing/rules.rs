//! What may be asked for, and who may decide.

use chrono::{DateTime, TimeDelta, Utc};

/// The longest time that is asked about at once: whoever wants more asks for several.
pub const LONGEST: TimeDelta = TimeDelta::hours(24);

/// For how long a request waits for a decision.
pub const WAITS: TimeDelta = TimeDelta::hours(24);

/// For how long what was released is read.
pub const READ_FOR: TimeDelta = TimeDelta::hours(72);

/// What is wrong with a time that is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeFault {
    /// It ends before it begins, or at once.
    Backwards,
    /// It is longer than is asked about at once.
    TooLong,
    /// It has not passed.
    Ahead,
    /// It is older than what is kept.
    Past,
}

/// Whether the time from `from` until `until` may be asked about at `now`, where visits are kept since
/// `kept_since`.
///
/// # Errors
/// What is wrong with it.
pub fn askable(
    (from, until): (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
    kept_since: DateTime<Utc>,
) -> Result<(), TimeFault> {
    if until <= from {
        Err(TimeFault::Backwards)
    } else if until - from > LONGEST {
        Err(TimeFault::TooLong)
    } else if until > now {
        Err(TimeFault::Ahead)
    } else if from < kept_since {
        Err(TimeFault::Past)
    } else {
        Ok(())
    }
}

/// Whether the second organisation is another one: somebody else, of another unit.
#[must_use]
pub fn is_another(asks: (uuid::Uuid, &str), decides: (uuid::Uuid, &str)) -> bool {
    asks.0 != decides.0 && asks.1.trim() != decides.1.trim()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + hour * 3_600, 0).unwrap_or_default()
    }

    #[test]
    fn a_day_of_the_past_that_is_kept_may_be_asked_about() {
        let ask = |from, until| askable((at(from), at(until)), at(0), at(-48));
        assert_eq!(ask(-24, 0), Ok(()));
        assert_eq!(ask(-48, -47), Ok(()));
        assert_eq!(ask(-1, -1), Err(TimeFault::Backwards));
        assert_eq!(ask(-1, -2), Err(TimeFault::Backwards));
        assert_eq!(ask(-25, 0), Err(TimeFault::TooLong));
        assert_eq!(ask(-1, 1), Err(TimeFault::Ahead));
        assert_eq!(ask(-49, -48), Err(TimeFault::Past));
    }

    #[test]
    fn two_people_of_two_units_are_two_organisations() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert!(is_another((one, "疾控中心"), (other, "大数据中心")));
        assert!(!is_another((one, "疾控中心"), (one, "大数据中心")));
        assert!(!is_another((one, "疾控中心"), (other, "疾控中心 ")));
    }
}
