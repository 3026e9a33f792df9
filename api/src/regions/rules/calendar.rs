//! Working days and working time, by the calendar that the State Council announces.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};
use entity::values::OfficeHours;
use serde::{Deserialize, Serialize};

use crate::platform::clock::CHINA;

/// Days that a deadline is looked for, at the most: twenty years. No promise runs longer, and
/// whoever asks for more gets the last of them.
const FARTHEST: u32 = 20 * 366;

/// Days of one year that may differ from the week, at the most: a third. More is a mistake.
const MOST_EXCEPTIONS: usize = 120;

/// Weekdays off in a row, at the most: the longest announced so far, in early 2020, had eleven.
const LONGEST_BREAK: usize = 15;

/// Holidays of one year, at the least: the public ones of the law of 1999 were ten days.
const FEWEST_HOLIDAYS: usize = 7;

/// A day on which the week is not the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WeekException {
    /// Which.
    pub day: NaiveDate,
    /// Whether it is worked.
    pub working: bool,
}

/// The announced holidays of one year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct YearDays {
    /// Which year.
    pub year: i32,
    /// Who announced it: the number of the notice.
    pub source: String,
    /// Days off. Weekends among them do no harm.
    pub holidays: BTreeSet<NaiveDate>,
    /// Saturdays and Sundays that are worked.
    pub working_weekends: BTreeSet<NaiveDate>,
}

/// A year as nobody announces it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum YearError {
    /// A day of another year.
    #[error("{0} is of another year")]
    OtherYear(NaiveDate),
    /// Both off and worked.
    #[error("{0} is both a holiday and worked")]
    Both(NaiveDate),
    /// A weekday is worked anyhow.
    #[error("{0} is no Saturday or Sunday")]
    NoWeekend(NaiveDate),
    /// Too few holidays, or too many days that differ from the week.
    #[error(
        "a year has {FEWEST_HOLIDAYS} holidays or more, and {MOST_EXCEPTIONS} listed days or fewer"
    )]
    Implausible,
    /// Nobody or a whole story.
    #[error("the source has 1 to 200 characters")]
    Source,
}

impl YearDays {
    /// Whether it can be what was announced.
    pub fn check(&self) -> Result<(), YearError> {
        if !(1..=200).contains(&self.source.trim().chars().count()) {
            return Err(YearError::Source);
        }
        let mut days = self.holidays.union(&self.working_weekends);
        if let Some(day) = days.find(|day| day.year() != self.year) {
            return Err(YearError::OtherYear(*day));
        }
        if let Some(day) = self.holidays.intersection(&self.working_weekends).next() {
            return Err(YearError::Both(*day));
        }
        if let Some(day) = self.working_weekends.iter().find(|day| !is_weekend(**day)) {
            return Err(YearError::NoWeekend(*day));
        }
        let listed = self.holidays.len() + self.working_weekends.len();
        if self.holidays.len() < FEWEST_HOLIDAYS || listed > MOST_EXCEPTIONS {
            return Err(YearError::Implausible);
        }
        Ok(())
    }

    /// Its days, in order.
    #[must_use]
    pub fn exceptions(&self) -> Vec<WeekException> {
        let off = self.holidays.iter().map(|day| (*day, false));
        let worked = self.working_weekends.iter().map(|day| (*day, true));
        let mut all: Vec<_> = off
            .chain(worked)
            .map(|(day, working)| WeekException { day, working })
            .collect();
        all.sort_unstable();
        all
    }
}

/// Something that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due<T> {
    /// When.
    pub at: T,
    /// Whether a year was passed whose holidays are not known: only its weekends counted, so the
    /// true time may be later. To be worked out again when the year is announced.
    pub provisional: bool,
}

/// The working days of the years that were announced. In other years Monday to Friday are worked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeSet<i32>,
    exceptions: BTreeMap<NaiveDate, bool>,
}

impl Calendar {
    /// The calendar of `years` with their `exceptions`.
    pub fn new(
        years: impl IntoIterator<Item = i32>,
        exceptions: impl IntoIterator<Item = WeekException>,
    ) -> Self {
        Self {
            years: years.into_iter().collect(),
            exceptions: exceptions
                .into_iter()
                .map(|exception| (exception.day, exception.working))
                .collect(),
        }
    }

    /// Whether the holidays of `year` are known.
    #[must_use]
    pub fn covers(&self, year: i32) -> bool {
        self.years.contains(&year)
    }

    /// The calendar if in each year that was not announced the first weekdays from `start` on were off, as
    /// many as the longest break there may be: what begins at `start` is hardly ever due later.
    #[must_use]
    pub fn at_the_latest(&self, start: NaiveDate) -> Self {
        let mut latest = self.clone();
        let mut off: BTreeMap<i32, usize> = BTreeMap::new();
        for day in start.iter_days().take(farthest()) {
            if self.covers(day.year()) || is_weekend(day) {
                continue;
            }
            let of_year = off.entry(day.year()).or_default();
            if *of_year < LONGEST_BREAK {
                *of_year += 1;
                latest.exceptions.insert(day, false);
            }
        }
        latest
    }

    /// Whether `day` is worked: a weekday that is no holiday, or a weekend day that is made up.
    #[must_use]
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        self.exceptions
            .get(&day)
            .copied()
            .unwrap_or_else(|| !is_weekend(day))
    }

    /// The last of `count` working days after `start`, which itself does not count. `start` for none.
    #[must_use]
    pub fn add_working_days(&self, start: NaiveDate, count: u16) -> Due<NaiveDate> {
        let mut due = Due {
            at: start,
            provisional: false,
        };
        let mut left = count;
        for day in start.iter_days().skip(1).take(farthest()) {
            if left == 0 {
                break;
            }
            due.provisional |= !self.covers(day.year());
            if self.is_working_day(day) {
                due.at = day;
                left -= 1;
            }
        }
        due.provisional |= left > 0;
        due
    }

    /// When `length` of working time after `start` is over, by office hours in Asia/Shanghai.
    ///
    /// Time counts only within `hours` of working days. What is over when the office closes is due
    /// then, and not when it opens again. No length, or less, is over at `start`, or when the office
    /// opens next.
    ///
    /// Never due outside of office hours. A later start is never due earlier, and two lengths one
    /// after the other are due when their sum is.
    #[must_use]
    pub fn add_working_time(
        &self,
        start: DateTime<Utc>,
        length: TimeDelta,
        hours: &OfficeHours,
    ) -> Due<DateTime<Utc>> {
        let mut due = Due {
            at: start,
            provisional: false,
        };
        let Some(local) = start.naive_utc().checked_add_offset(CHINA) else {
            return Due {
                provisional: true,
                ..due
            };
        };
        let mut left = length.max(TimeDelta::zero());
        for day in local.date().iter_days().take(farthest()) {
            due.provisional |= !self.covers(day.year());
            if !self.is_working_day(day) {
                continue;
            }
            let begin = if day == local.date() {
                local.time()
            } else {
                NaiveTime::MIN
            };
            for (opens, closes) in hours.parts() {
                let from = begin.max(*opens);
                if from > *closes {
                    continue;
                }
                let Some(there) = instant(day.and_time(from)) else {
                    continue;
                };
                let within = *closes - from;
                due.at = there + left.min(within);
                if left <= within {
                    return due;
                }
                left -= within;
            }
        }
        Due {
            provisional: true,
            ..due
        }
    }

    /// The working days after `start` until `end`, which counts. None if `end` is not after `start`.
    ///
    /// The inverse of [`Self::add_working_days`]: so many of them after `start` lead to `end`, where
    /// that is worked.
    #[must_use]
    pub fn working_days_between(&self, start: NaiveDate, end: NaiveDate) -> u32 {
        let days = start.iter_days().skip(1).take(farthest());
        let worked = days
            .take_while(|day| *day <= end)
            .filter(|day| self.is_working_day(*day));
        u32::try_from(worked.count()).unwrap_or(u32::MAX)
    }

    /// How much of the time from `start` to `end` is working time, by office hours in Asia/Shanghai. None
    /// if `end` is not after `start`.
    ///
    /// The inverse of [`Self::add_working_time`]: between `start` and what is due after it lies just the
    /// length.
    #[must_use]
    pub fn working_time_between(
        &self,
        start: DateTime<Utc>,
        end: DateTime<Utc>,
        hours: &OfficeHours,
    ) -> TimeDelta {
        let local = |at: DateTime<Utc>| at.naive_utc().checked_add_offset(CHINA);
        let (Some(start), Some(end)) = (local(start), local(end)) else {
            return TimeDelta::zero();
        };
        let days = start.date().iter_days().take(farthest());
        days.take_while(|day| *day <= end.date())
            .filter(|day| self.is_working_day(*day))
            .flat_map(|day| {
                let part = move |(opens, closes): &(NaiveTime, NaiveTime)| {
                    let from = day.and_time(*opens).max(start);
                    let until = day.and_time(*closes).min(end);
                    (until - from).max(TimeDelta::zero())
                };
                hours.parts().iter().map(part)
            })
            .fold(TimeDelta::zero(), |sum, part| sum + part)
    }
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

fn farthest() -> usize {
    usize::try_from(FARTHEST).unwrap_or(usize::MAX)
}

fn instant(local: NaiveDateTime) -> Option<DateTime<Utc>> {
    Some(local.checked_sub_offset(CHINA)?.and_utc())
}

#[cfg(test)]
mod tests;
