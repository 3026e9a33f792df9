//! The days that a report is about.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};

use super::By;
use crate::platform::clock::midnight;

/// Days that a report counts together, at the most.
pub const LONGEST_TOTAL: usize = 366;

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
    /// The last day is not over.
    #[error("the last day is not over")]
    Future,
    /// Not one calendar month, quarter or year; or not one month, of which days are counted one by one.
    #[error("the days are not one month, quarter or year")]
    NotAligned,
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

    /// The days of which a report is published: one calendar month, quarter or year that is over, and
    /// one month where days are counted one by one.
    ///
    /// Of two periods that overlap as one likes, the difference tells of the few people of the days
    /// between them. Months do not overlap, and quarters and years are told as the sums of theirs.
    pub fn published(
        from: NaiveDate,
        to: NaiveDate,
        today: NaiveDate,
        by: By,
    ) -> Result<Self, PeriodFault> {
        let period = Self::new(from, to, today, LONGEST_TOTAL)?;
        if to == today {
            return Err(PeriodFault::Future);
        }
        let whole_months = from.day() == 1 && to.succ_opt().is_none_or(|after| after.day() == 1);
        let days = to.num_days_from_ce().abs_diff(from.num_days_from_ce());
        let is_one = match (days, by) {
            (0..=30, _) => true,
            (89..=91, By::Total) => from.month0().is_multiple_of(3),
            (364..=365, By::Total) => from.month0() == 0,
            _ => false,
        };
        if whole_months && is_one {
            Ok(period)
        } else {
            Err(PeriodFault::NotAligned)
        }
    }

    /// The calendar months that it consists of, in order; the first and the last as far as they belong
    /// to it.
    #[must_use]
    pub fn months(self) -> Vec<Self> {
        let mut months: Vec<Self> = Vec::new();
        for day in self.days() {
            match months.last_mut() {
                Some(month) if day.day() > 1 => month.to = day,
                _ => months.push(Self { from: day, to: day }),
            }
        }
        months
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
    fn a_report_is_about_one_month_quarter_or_year_that_is_over() {
        let today = day("2026-03-31");
        for (from, to, months) in [
            ("2026-02-01", "2026-02-28", 1),
            ("2024-02-01", "2024-02-29", 1),
            ("2025-01-01", "2025-03-31", 3),
            ("2025-10-01", "2025-12-31", 3),
            ("2024-01-01", "2024-12-31", 12),
        ] {
            let period = Period::published(day(from), day(to), today, By::Total).unwrap();
            let parts = period.months();
            assert_eq!(parts.len(), months, "{from}");
            let days: Vec<NaiveDate> = parts.into_iter().flat_map(Period::days).collect();
            assert_eq!(days, period.days().collect::<Vec<_>>());
            let by_day = Period::published(day(from), day(to), today, By::Day);
            assert_eq!(by_day.is_ok(), months == 1, "{from}");
        }
        for (from, to, fault) in [
            ("2026-03-01", "2026-03-31", PeriodFault::Future),
            ("2026-02-01", "2026-02-27", PeriodFault::NotAligned),
            ("2026-02-02", "2026-03-01", PeriodFault::NotAligned),
            ("2025-11-01", "2025-12-31", PeriodFault::NotAligned),
            ("2025-02-01", "2025-04-30", PeriodFault::NotAligned),
            ("2025-02-01", "2026-01-31", PeriodFault::NotAligned),
        ] {
            let refused = Period::published(day(from), day(to), today, By::Total);
            assert_eq!(refused, Err(fault), "{from} {to}");
        }
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
