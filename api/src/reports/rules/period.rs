//! The days that a report is about.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};

use crate::platform::clock::midnight;

/// Days that a report counts together, at the most.
pub const LONGEST_TOTAL: usize = 366;

/// Days that a report counts one by one, at the most.
pub const LONGEST_SERIES: usize = 92;

/// Before it nobody had a code.
const FIRST_YEAR: i32 = 2020;

/// Local days, the first and the last included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    from: NaiveDate,
    to: NaiveDate,
}

/// Not days that a report can be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeriodFault {
    /// The last day is before the first.
    #[error("the last day is before the first")]
    Backwards,
    /// There are too many.
    #[error("there are too many days")]
    TooLong,
    /// The first day is before there were any codes.
    #[error("nothing was counted so long ago")]
    TooEarly,
    /// The last day is not over, and not today.
    #[error("the last day is in the future")]
    Future,
}

impl Period {
    /// The days `from` until `to`, of which there are `most` at the most and none after `today`.
    pub fn new(
        from: NaiveDate,
        to: NaiveDate,
        today: NaiveDate,
        most: usize,
    ) -> Result<Self, PeriodFault> {
        if to < from {
            return Err(PeriodFault::Backwards);
        }
        if from.year() < FIRST_YEAR {
            return Err(PeriodFault::TooEarly);
        }
        if to > today {
            return Err(PeriodFault::Future);
        }
        let period = Self { from, to };
        if from.iter_days().nth(most).is_some_and(|after| after <= to) {
            return Err(PeriodFault::TooLong);
        }
        Ok(period)
    }

    /// The first day.
    #[must_use]
    pub fn from(self) -> NaiveDate {
        self.from
    }

    /// The last day.
    #[must_use]
    pub fn to(self) -> NaiveDate {
        self.to
    }

    /// Each day, in order.
    pub fn days(self) -> impl Iterator<Item = NaiveDate> {
        self.from.iter_days().take_while(move |day| *day <= self.to)
    }

    /// When the first day begins.
    #[must_use]
    pub fn begins(self) -> DateTime<Utc> {
        midnight(self.from)
    }

    /// When the last day is over.
    #[must_use]
    pub fn ends(self) -> DateTime<Utc> {
        let after = self.to.checked_add_days(Days::new(1));
        midnight(after.unwrap_or(self.to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn days_count_from_midnight_to_midnight_in_shanghai() {
        let period = Period::new(day("2026-03-01"), day("2026-03-02"), day("2026-03-02"), 2);
        let period = period.unwrap();
        assert_eq!(period.begins().to_rfc3339(), "2026-02-28T16:00:00+00:00");
        assert_eq!(period.ends().to_rfc3339(), "2026-03-02T16:00:00+00:00");
        let days: Vec<NaiveDate> = period.days().collect();
        assert_eq!(days, [day("2026-03-01"), day("2026-03-02")]);
    }

    #[test]
    fn what_is_backwards_too_long_or_to_come_is_refused() {
        let today = day("2026-03-02");
        for (from, to, most, fault) in [
            ("2026-03-02", "2026-03-01", 9, PeriodFault::Backwards),
            ("2026-03-02", "2026-03-03", 9, PeriodFault::Future),
            ("2026-03-01", "2026-03-02", 1, PeriodFault::TooLong),
            ("0001-01-01", "2026-03-02", 9, PeriodFault::TooEarly),
            (
                "2020-01-01",
                "2026-03-02",
                LONGEST_TOTAL,
                PeriodFault::TooLong,
            ),
        ] {
            let refused = Period::new(day(from), day(to), today, most);
            assert_eq!(refused, Err(fault), "{from} {to}");
        }
        let year = Period::new(day("2024-01-01"), day("2024-12-31"), today, LONGEST_TOTAL);
        assert_eq!(year.unwrap().days().count(), LONGEST_TOTAL);
    }
}
