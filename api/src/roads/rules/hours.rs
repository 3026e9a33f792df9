//! Hours of a week between two dates.

use std::{borrow::Cow, iter};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Timelike, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};
use validator::Validate;

use super::week::{Week, WeekError, WeekRequest, Weekday};
use crate::{
    http::problem::{FieldFault, Text},
    platform::clock::{CHINA, midnight},
};

/// Days behind which the same weekdays come again, with one more on either side for nights.
const ENOUGH_DAYS: i64 = 9;

/// Hours that come every week from one date to another, in Asia/Shanghai. A night that begins on the last
/// date goes on into the morning after.
///
/// There is one hour at least at which they hold.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "HoursRequest", into = "HoursRequest")]
pub struct Hours {
    week: Week,
    first: NaiveDate,
    last: NaiveDate,
}

/// The same as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Hours)]
pub struct HoursRequest {
    /// The days of the week on which they begin, each once.
    #[validate(length(max = 7))]
    #[schema(min_items = 1, max_items = 7)]
    pub weekdays: Vec<Weekday>,
    /// When they begin, in Asia/Shanghai.
    #[validate(length(max = 5))]
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "22:00")]
    pub from: String,
    /// When they end, in Asia/Shanghai: on the next day if that is before they begin. 24:00 is the end of
    /// the day.
    #[validate(length(max = 5))]
    #[schema(pattern = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", example = "06:00")]
    pub until: String,
    /// The first date on which they begin.
    pub first: NaiveDate,
    /// The last date on which they begin.
    pub last: NaiveDate,
}

/// What is wrong with hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// The hours of the week.
    #[error(transparent)]
    Week(#[from] WeekError),
    /// The last date is before the first.
    #[error("the dates run backwards")]
    Backwards,
    /// No year that anybody could mean.
    #[error("no such year")]
    Year,
    /// None of the weekdays lies between the dates.
    #[error("none of the weekdays lies between the dates")]
    NoDay,
}

impl HoursError {
    /// The field of [`HoursRequest`] at fault, within `parent`, and how.
    #[must_use]
    pub fn fault(self, parent: &str) -> FieldFault {
        let (field, code, message) = match self {
            Self::Week(error) => return error.fault(parent),
            Self::Backwards => (
                "last",
                "backwards",
                Text::new("不能早于开始日期", "must not be before the first date"),
            ),
            Self::Year => (
                "first",
                "year",
                Text::new("年份不正确", "is not of a year that can be meant"),
            ),
            Self::NoDay => (
                "weekdays",
                "no_day",
                Text::new(
                    "日期范围内没有所选的星期",
                    "none of them lies between the dates",
                ),
            ),
        };
        let field = match parent {
            "" => field.to_owned(),
            parent => format!("{parent}.{field}"),
        };
        FieldFault::new(field, code, message)
    }
}

impl HoursRequest {
    /// The hours that it says.
    pub fn read(self) -> Result<Hours, HoursError> {
        Hours::try_from(self)
    }
}

impl Hours {
    /// `week` from `first` to `last`.
    pub fn new(week: Week, first: NaiveDate, last: NaiveDate) -> Result<Self, HoursError> {
        let years = midnight(years_from())..midnight(years_until());
        if !years.contains(&midnight(first)) || !years.contains(&midnight(last)) {
            return Err(HoursError::Year);
        }
        if last < first {
            return Err(HoursError::Backwards);
        }
        let hours = Self { week, first, last };
        if hours.nights(first, last).next().is_none() {
            return Err(HoursError::NoDay);
        }
        Ok(hours)
    }

    /// The hours of each week.
    #[must_use]
    pub fn week(&self) -> &Week {
        &self.week
    }

    /// The first date on which they may begin.
    #[must_use]
    pub fn first(&self) -> NaiveDate {
        self.first
    }

    /// The last date on which they may begin.
    #[must_use]
    pub fn last(&self) -> NaiveDate {
        self.last
    }

    /// The dates from the first to the last, both counted.
    #[must_use]
    pub fn days(&self) -> u32 {
        let days = (self.last - self.first).num_days() + 1;
        u32::try_from(days).unwrap_or(u32::MAX)
    }

    /// When the first date begins.
    #[must_use]
    pub fn begin_at(&self) -> DateTime<Utc> {
        midnight(self.first)
    }

    /// When all is over: with the last date, or with the night that begins on it.
    #[must_use]
    pub fn end_at(&self) -> DateTime<Utc> {
        let over = TimeDelta::minutes(self.week.end().max(super::week::DAY).into());
        midnight(self.last) + over
    }

    /// Whether they hold at `at`.
    #[must_use]
    pub fn hold_at(&self, at: DateTime<Utc>) -> bool {
        let local = at.with_timezone(&CHINA);
        let today = local.date_naive();
        let minute = i64::from(local.hour() * 60 + local.minute());
        let before = today.pred_opt();
        [(Some(today), 0), (before, i64::from(super::week::DAY))]
            .into_iter()
            .any(|(began, passed)| {
                let (from, until) = self.span();
                began.is_some_and(|day| self.begin_on(day))
                    && (from..until).contains(&(minute + passed))
            })
    }

    /// Whether there is an instant at which both hold.
    #[must_use]
    pub fn overlap(&self, other: &Self) -> bool {
        let first = self.first.max(other.first) - TimeDelta::days(1);
        let last = self.last.min(other.last) + TimeDelta::days(1);
        // Whatever they have in common comes again every week.
        let last = last.min(first + TimeDelta::days(ENOUGH_DAYS));
        self.nights(first, last).any(|night| {
            let around = [-1, 0, 1].map(|days| night + TimeDelta::days(days));
            let mut others = around.into_iter().filter(|day| other.begin_on(*day));
            others.any(|day| meet(self.span_on(night), other.span_on(day)))
        })
    }

    /// The same hours of the week from `first` to `last`, as far as they are these. None if they have
    /// nothing in common.
    #[must_use]
    pub fn between(&self, first: NaiveDate, last: NaiveDate) -> Option<Self> {
        let (first, last) = (self.first.max(first), self.last.min(last));
        Self::new(self.week.clone(), first, last).ok()
    }

    /// Whether they begin on `day`.
    fn begin_on(&self, day: NaiveDate) -> bool {
        (self.first..=self.last).contains(&day) && self.week.begins_on(day)
    }

    /// The dates on which they begin, no earlier than `first` and no later than `last`.
    fn nights(&self, first: NaiveDate, last: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        let (first, last) = (self.first.max(first), self.last.min(last));
        let next = |day: &NaiveDate| day.checked_add_days(Days::new(1));
        // Of eight days in a row one has the weekday.
        iter::successors(Some(first), next)
            .take_while(move |day| *day <= last)
            .filter(|day| self.week.begins_on(*day))
    }

    /// Minutes after the midnight of the date that they begin on.
    fn span(&self) -> (i64, i64) {
        (self.week.from().into(), self.week.end().into())
    }

    fn span_on(&self, day: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
        let (from, until) = self.span();
        let at = |minutes| midnight(day) + TimeDelta::minutes(minutes);
        (at(from), at(until))
    }
}

fn meet<T: Ord + Copy>(one: (T, T), other: (T, T)) -> bool {
    one.0 < other.1 && other.0 < one.1
}

fn years_from() -> NaiveDate {
    NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default()
}

fn years_until() -> NaiveDate {
    NaiveDate::from_ymd_opt(2200, 1, 1).unwrap_or_default()
}

impl TryFrom<HoursRequest> for Hours {
    type Error = HoursError;

    fn try_from(request: HoursRequest) -> Result<Self, HoursError> {
        let week = WeekRequest {
            weekdays: request.weekdays,
            from: request.from,
            until: request.until,
        };
        Self::new(week.read()?, request.first, request.last)
    }
}

impl PartialSchema for Hours {
    fn schema() -> RefOr<Schema> {
        HoursRequest::schema()
    }
}

impl ToSchema for Hours {
    fn name() -> Cow<'static, str> {
        HoursRequest::name()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        HoursRequest::schemas(schemas);
    }
}

impl From<Hours> for HoursRequest {
    fn from(hours: Hours) -> Self {
        let week = WeekRequest::from(hours.week);
        Self {
            weekdays: week.weekdays,
            from: week.from,
            until: week.until,
            first: hours.first,
            last: hours.last,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::platform::clock::local_date;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn hours(weekdays: &[Weekday], times: (&str, &str), dates: (&str, &str)) -> Hours {
        asked(weekdays, times, dates).read().unwrap()
    }

    fn asked(weekdays: &[Weekday], times: (&str, &str), dates: (&str, &str)) -> HoursRequest {
        HoursRequest {
            weekdays: weekdays.to_vec(),
            from: times.0.into(),
            until: times.1.into(),
            first: date(dates.0),
            last: date(dates.1),
        }
    }

    /// Local time.
    fn at(text: &str) -> DateTime<Utc> {
        format!("{text}+08:00").parse::<DateTime<Utc>>().unwrap()
    }

    #[test]
    fn a_night_goes_on_into_the_morning_after_also_after_the_last_date() {
        // 2 March 2026 is a Monday.
        let nights = hours(
            &[Weekday::Mon, Weekday::Fri],
            ("22:00", "06:00"),
            ("2026-03-02", "2026-03-06"),
        );
        for (when, holds) in [
            ("2026-03-02T00:00:00", false),
            ("2026-03-02T05:59:59", false),
            ("2026-03-02T21:59:59", false),
            ("2026-03-02T22:00:00", true),
            ("2026-03-03T00:00:00", true),
            ("2026-03-03T05:59:59", true),
            ("2026-03-03T06:00:00", false),
            ("2026-03-03T22:00:00", false),
            ("2026-03-06T23:00:00", true),
            ("2026-03-07T05:59:00", true),
            ("2026-03-07T06:00:00", false),
            ("2026-03-09T22:00:00", false),
        ] {
            assert_eq!(nights.hold_at(at(when)), holds, "{when}");
        }
        assert_eq!(nights.begin_at(), at("2026-03-02T00:00:00"));
        assert_eq!(nights.end_at(), at("2026-03-07T06:00:00"));
        assert_eq!(nights.days(), 5);
    }

    #[test]
    fn hours_are_those_of_local_time() {
        let morning = hours(
            &[Weekday::Mon],
            ("07:00", "09:00"),
            ("2026-03-02", "2026-03-02"),
        );
        assert!(morning.hold_at("2026-03-01T23:00:00Z".parse().unwrap()));
        assert!(!morning.hold_at("2026-03-02T01:00:00Z".parse().unwrap()));
        assert_eq!(morning.end_at(), at("2026-03-03T00:00:00"));
        let whole = hours(
            &Weekday::ALL,
            ("00:00", "24:00"),
            ("2026-03-02", "2026-03-03"),
        );
        assert!(
            whole.hold_at(at("2026-03-02T00:00:00")) && whole.hold_at(at("2026-03-03T23:59:59"))
        );
        assert!(!whole.hold_at(at("2026-03-04T00:00:00")));
    }

    #[test]
    fn hours_that_cannot_be_are_refused_by_field() {
        let all = &Weekday::ALL;
        for (request, field, code) in [
            (
                asked(all, ("07:00", "09:00"), ("2026-03-02", "2026-03-01")),
                "hours.last",
                "backwards",
            ),
            (
                asked(all, ("07:00", "07:00"), ("2026-03-02", "2026-03-02")),
                "hours.until",
                "same",
            ),
            (
                asked(&[], ("07:00", "09:00"), ("2026-03-02", "2026-03-02")),
                "hours.weekdays",
                "weekdays",
            ),
            (
                asked(
                    &[Weekday::Sun],
                    ("07:00", "09:00"),
                    ("2026-03-02", "2026-03-07"),
                ),
                "hours.weekdays",
                "no_day",
            ),
            (
                asked(all, ("07:00", "09:00"), ("0026-03-02", "2026-03-07")),
                "hours.first",
                "year",
            ),
            (
                asked(all, ("07:00", "09:00"), ("2026-03-02", "9999-12-31")),
                "hours.first",
                "year",
            ),
        ] {
            let fault = request.read().unwrap_err().fault("hours");
            assert_eq!((&*fault.field, &*fault.code), (field, code));
        }
    }

    #[test]
    fn hours_overlap_where_both_hold() {
        let week = ("2026-03-02", "2026-03-08");
        let monday_night = hours(&[Weekday::Mon], ("22:00", "06:00"), week);
        for (other, expected) in [
            (hours(&[Weekday::Tue], ("05:00", "07:00"), week), true),
            (hours(&[Weekday::Tue], ("06:00", "07:00"), week), false),
            (hours(&[Weekday::Mon], ("20:00", "22:00"), week), false),
            (hours(&[Weekday::Mon], ("20:00", "22:01"), week), true),
            (hours(&[Weekday::Sun], ("22:00", "06:00"), week), false),
            (
                hours(
                    &[Weekday::Tue],
                    ("00:00", "01:00"),
                    ("2026-03-03", "2026-03-03"),
                ),
                true,
            ),
            (
                hours(
                    &[Weekday::Mon],
                    ("00:00", "24:00"),
                    ("2026-03-09", "2026-03-09"),
                ),
                false,
            ),
            (
                hours(
                    &Weekday::ALL,
                    ("00:00", "24:00"),
                    ("2027-01-01", "2027-12-31"),
                ),
                false,
            ),
        ] {
            assert_eq!(monday_night.overlap(&other), expected, "{other:?}");
            assert_eq!(other.overlap(&monday_night), expected, "{other:?}");
        }
    }

    #[test]
    fn hours_read_back_as_they_were_written() {
        let hours = hours(
            &[Weekday::Fri],
            ("22:00", "06:00"),
            ("2026-03-02", "2026-03-08"),
        );
        let json = serde_json::to_value(&hours).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "weekdays": ["fri"], "from": "22:00", "until": "06:00",
                "first": "2026-03-02", "last": "2026-03-08",
            })
        );
        assert_eq!(serde_json::from_value::<Hours>(json).unwrap(), hours);
    }

    fn any_hours() -> impl Strategy<Value = Hours> {
        let days = proptest::sample::subsequence(Weekday::ALL.to_vec(), 1..=7);
        (days, 0_u16..24, 1_u16..=24, 0_i64..40, 0_i64..40).prop_filter_map(
            "hours that can be",
            |(weekdays, from, until, first, more)| {
                let first = date("2026-03-02") + TimeDelta::days(first);
                let request = WeekRequest {
                    weekdays,
                    from: format!("{from:02}:00"),
                    until: format!("{until:02}:00"),
                };
                Hours::new(request.read().ok()?, first, first + TimeDelta::days(more)).ok()
            },
        )
    }

    proptest! {
        #[test]
        fn overlapping_is_holding_at_the_same_hour(one in any_hours(), other in any_hours()) {
            let begin = one.begin_at().max(other.begin_at());
            let end = one.end_at().min(other.end_at());
            let mut hour = begin;
            let mut both = false;
            while hour < end {
                both |= one.hold_at(hour) && other.hold_at(hour);
                hour += TimeDelta::hours(1);
            }
            prop_assert_eq!(one.overlap(&other), both);
            prop_assert_eq!(other.overlap(&one), both);
        }

        #[test]
        fn they_hold_at_no_time_outside_of_what_they_say(hours in any_hours(), minutes in 0_i64..200_000) {
            let at = midnight(date("2026-02-20")) + TimeDelta::minutes(minutes);
            if hours.hold_at(at) {
                prop_assert!((hours.begin_at()..hours.end_at()).contains(&at));
                prop_assert!(local_date(at) <= hours.last() + TimeDelta::days(1));
            }
        }
    }
}
