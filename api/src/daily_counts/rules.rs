//! What a change of colour is counted as, which days are over, and what of a row is withheld.

mod classes;
mod rows;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

pub use classes::{class_of, class_of_rule};
pub use rows::withheld;

use crate::platform::clock::midnight;

/// How long after its midnight a day is counted: by then whatever began before has been committed or given up.
pub const REST: TimeDelta = TimeDelta::minutes(15);

/// From when to when `day` is. None for a day that nothing follows.
#[must_use]
pub fn span(day: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    Some((midnight(day), midnight(day.succ_opt()?)))
}

/// Whether `day` may be counted at `now`.
#[must_use]
pub fn is_over(day: NaiveDate, now: DateTime<Utc>) -> bool {
    span(day).is_some_and(|(_, end)| end + REST <= now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_over_a_quarter_of_an_hour_after_midnight_in_shanghai() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert!(!is_over(day, at("2026-03-02T16:14:59Z")));
        assert!(is_over(day, at("2026-03-02T16:15:00Z")));
        assert_eq!(
            span(day),
            Some((at("2026-03-01T16:00:00Z"), at("2026-03-02T16:00:00Z")))
        );
        assert!(!is_over(NaiveDate::MAX, at("2026-03-02T16:15:00Z")));
    }
}
