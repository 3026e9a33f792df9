//! Hours that come every week, in local time.

use std::{borrow::Cow, fmt};

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};
use validator::Validate;

use crate::http::problem::{FieldFault, Text};

/// Minutes of a day.
pub(super) const DAY: u16 = 24 * 60;

/// A day of the week.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

impl Weekday {
    /// Every day of a week.
    pub const ALL: [Self; 7] = [
        Self::Mon,
        Self::Tue,
        Self::Wed,
        Self::Thu,
        Self::Fri,
        Self::Sat,
        Self::Sun,
    ];

    /// The weekday of `day`.
    #[must_use]
    pub fn of(day: NaiveDate) -> Self {
        match day.weekday() {
            chrono::Weekday::Mon => Self::Mon,
            chrono::Weekday::Tue => Self::Tue,
            chrono::Weekday::Wed => Self::Wed,
            chrono::Weekday::Thu => Self::Thu,
            chrono::Weekday::Fri => Self::Fri,
            chrono::Weekday::Sat => Self::Sat,
            chrono::Weekday::Sun => Self::Sun,
        }
    }
}

/// A part of certain days of the week, in minutes of Asia/Shanghai. Where it ends before it begins it goes
/// on past midnight, into a day that need not be among them.
///
/// Never empty, and never longer than a day.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "WeekRequest", into = "WeekRequest")]
pub struct Week {
    weekdays: Vec<Weekday>,
    from: u16,
    until: u16,
}

/// The same as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Week)]
pub struct WeekRequest {
    /// The days of the week on which it begins, each once.
    #[validate(length(max = 7))]
    #[schema(min_items = 1, max_items = 7)]
    pub weekdays: Vec<Weekday>,
    /// When it begins, in Asia/Shanghai.
    #[validate(length(max = 5))]
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "22:00")]
    pub from: String,
    /// When it ends, in Asia/Shanghai: on the next day if that is before it begins. 24:00 is the end of the
    /// day.
    #[validate(length(max = 5))]
    #[schema(pattern = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", example = "06:00")]
    pub until: String,
}

/// What is wrong with hours of a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeekError {
    /// No day of the week, or one twice.
    #[error("the days of the week are none, or not each once")]
    Weekdays,
    /// No time that it could begin at.
    #[error("no time of day to begin at")]
    From,
    /// No time that it could end at.
    #[error("no time of day to end at")]
    Until,
    /// It ends when it begins: whether that is nothing or a whole day, nobody can tell.
    #[error("it ends when it begins")]
    Same,
}

impl WeekError {
    /// The field of [`WeekRequest`] at fault, within `parent`, and how.
    #[must_use]
    pub fn fault(self, parent: &str) -> FieldFault {
        let (field, code, message) = match self {
            Self::Weekdays => (
                "weekdays",
                "weekdays",
                Text::new("须至少一天且不重复", "must be one day at least, each once"),
            ),
            Self::From => ("from", "time", Text::new("须为 HH:MM", "must be HH:MM")),
            Self::Until => (
                "until",
                "time",
                Text::new(
                    "须为 HH:MM，最晚 24:00",
                    "must be HH:MM, 24:00 at the latest",
                ),
            ),
            Self::Same => (
                "until",
                "same",
                Text::new(
                    "不能与开始时间相同；全天请填 00:00 至 24:00",
                    "must not be when it begins; a whole day is 00:00 to 24:00",
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

impl WeekRequest {
    /// The hours that it says.
    pub fn read(self) -> Result<Week, WeekError> {
        Week::try_from(self)
    }
}

impl Week {
    /// Every hour of every day.
    #[must_use]
    pub fn always() -> Self {
        Self {
            weekdays: Weekday::ALL.to_vec(),
            from: 0,
            until: DAY,
        }
    }

    /// The days of the week on which it begins, in their order.
    #[must_use]
    pub fn weekdays(&self) -> &[Weekday] {
        &self.weekdays
    }

    /// The minute of the day at which it begins.
    #[must_use]
    pub fn from(&self) -> u16 {
        self.from
    }

    /// The minute of the day at which it ends: 1440 is the end of the day.
    #[must_use]
    pub fn until(&self) -> u16 {
        self.until
    }

    /// Whether it goes on past midnight.
    #[must_use]
    pub fn crosses_midnight(&self) -> bool {
        self.until < self.from
    }

    /// Whether it begins on `day`.
    #[must_use]
    pub fn begins_on(&self, day: NaiveDate) -> bool {
        self.weekdays.contains(&Weekday::of(day))
    }

    /// When it ends, in minutes after the midnight before it begins.
    pub(super) fn end(&self) -> u16 {
        if self.crosses_midnight() {
            self.until + DAY
        } else {
            self.until
        }
    }
}

impl TryFrom<WeekRequest> for Week {
    type Error = WeekError;

    fn try_from(request: WeekRequest) -> Result<Self, WeekError> {
        let named = request.weekdays.len();
        let mut weekdays = request.weekdays;
        weekdays.sort_unstable();
        weekdays.dedup();
        if weekdays.is_empty() || weekdays.len() != named {
            return Err(WeekError::Weekdays);
        }
        let from = minute(&request.from).filter(|at| *at < DAY);
        let from = from.ok_or(WeekError::From)?;
        let until = minute(&request.until).filter(|at| *at > 0);
        // A night that ends at midnight ends with its day.
        let until = match until {
            None if request.until == "00:00" => DAY,
            until => until.ok_or(WeekError::Until)?,
        };
        if from == until {
            return Err(WeekError::Same);
        }
        Ok(Self {
            weekdays,
            from,
            until,
        })
    }
}

impl PartialSchema for Week {
    fn schema() -> RefOr<Schema> {
        WeekRequest::schema()
    }
}

impl ToSchema for Week {
    fn name() -> Cow<'static, str> {
        WeekRequest::name()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        WeekRequest::schemas(schemas);
    }
}

impl From<Week> for WeekRequest {
    fn from(week: Week) -> Self {
        Self {
            from: Time(week.from).to_string(),
            until: Time(week.until).to_string(),
            weekdays: week.weekdays,
        }
    }
}

/// A minute of the day as it is written.
pub(super) struct Time(pub(super) u16);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let two = |digits: &str| {
        let written = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        written.then(|| digits.parse::<u16>().ok()).flatten()
    };
    let (hour, minute) = (two(hour)?, two(minute)?);
    let at = hour * 60 + minute;
    (minute < 60 && at <= DAY).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(weekdays: &[Weekday], from: &str, until: &str) -> WeekRequest {
        WeekRequest {
            weekdays: weekdays.to_vec(),
            from: from.into(),
            until: until.into(),
        }
    }

    #[test]
    fn hours_read_as_they_are_written() {
        for (from, until, crosses) in [
            ("07:00", "09:30", false),
            ("22:00", "06:00", true),
            ("00:00", "24:00", false),
            ("23:59", "24:00", false),
        ] {
            let asked = request(&[Weekday::Mon, Weekday::Sun], from, until);
            let week = asked.clone().read().unwrap();
            assert_eq!(week.crosses_midnight(), crosses);
            assert_eq!(WeekRequest::from(week), asked);
        }
        let week = request(&[Weekday::Sun, Weekday::Mon], "18:00", "00:00").read();
        assert_eq!(week.unwrap().until(), DAY);
    }

    #[test]
    fn hours_that_cannot_be_are_refused_by_field() {
        let mon = &[Weekday::Mon][..];
        for (weekdays, from, until, wrong) in [
            (&[][..], "07:00", "09:00", WeekError::Weekdays),
            (
                &[Weekday::Mon, Weekday::Mon],
                "07:00",
                "09:00",
                WeekError::Weekdays,
            ),
            (mon, "24:00", "09:00", WeekError::From),
            (mon, "7:00", "09:00", WeekError::From),
            (mon, "07:60", "09:00", WeekError::From),
            (mon, "", "09:00", WeekError::From),
            (mon, "07:00", "24:01", WeekError::Until),
            (mon, "07:00", "+9:00", WeekError::Until),
            (mon, "07:00", "0900", WeekError::Until),
            (mon, "07:00", "07:00", WeekError::Same),
            (mon, "07:00", "１０:00", WeekError::Until),
        ] {
            let read = request(weekdays, from, until).read();
            assert_eq!(read, Err(wrong), "{weekdays:?} {from} {until}");
        }
        let fault = WeekError::Same.fault("hours");
        assert_eq!(fault.field, "hours.until");
    }
}
