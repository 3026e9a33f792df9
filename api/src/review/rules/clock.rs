//! What the clock of a stage shows: pure reckoning in working time, working days, or any time.

use chrono::{DateTime, Days, TimeDelta, Utc};
use entity::values::{CaseTimer, OfficeHours};

use super::workflow::{Begin, ClockRule, Counting, Limit, Start, When};
use crate::{
    platform::clock::{CHINA, local_date, midnight},
    regions::Calendar,
};

/// Which days and hours are worked where a case is.
#[derive(Debug, Clone, Copy)]
pub struct Working<'a> {
    /// The days.
    pub calendar: &'a Calendar,
    /// Its version.
    pub version: i64,
    /// The hours.
    pub hours: &'a OfficeHours,
}

/// What the clock of a case shows. A case without one has the default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dial {
    /// Since when it runs.
    pub since: Option<DateTime<Utc>>,
    /// What was left of it then, in milliseconds of its kind.
    pub left: Option<i64>,
    /// When the limit is reached.
    pub due_at: Option<DateTime<Utc>>,
    /// Whether that passed a year whose holidays are not known.
    pub provisional: bool,
    /// The calendar that it was worked out by.
    pub calendar_version: Option<i64>,
    /// What it does next.
    pub timer: Option<CaseTimer>,
    /// When.
    pub timer_at: Option<DateTime<Utc>>,
}

impl Dial {
    /// The clock of `rule` as it starts at `now`, with what is `left`; or with all of its time since the
    /// rule says, of a case that was opened at `opened_at`.
    ///
    /// What is left is never more than the limit: a clock that stood still goes on where it stood.
    #[must_use]
    pub fn started(
        rule: &ClockRule,
        left: Option<i64>,
        opened_at: DateTime<Utc>,
        now: DateTime<Utc>,
        working: Working<'_>,
    ) -> Self {
        let whole = rule.limit.milliseconds();
        let (since, left) = match (left, rule.from) {
            (Some(left), _) => (now, left.clamp(0, whole)),
            (None, Begin::Arrival) => (now, whole),
            (None, Begin::Opening) => (opened_at, whole),
        };
        Self::running(rule, since, left, now, working)
    }

    /// The same clock by another calendar: it runs since when it did, with what was left then. A
    /// reminder that was given is not given again.
    #[must_use]
    pub fn reckoned_again(&self, rule: &ClockRule, working: Working<'_>) -> Self {
        let (Some(since), Some(left)) = (self.since, self.left) else {
            return *self;
        };
        let mut again = Self::running(rule, since, left, since, working);
        if self.timer == Some(CaseTimer::Limit) {
            again.timer = Some(CaseTimer::Limit);
            again.timer_at = again.due_at;
        }
        again
    }

    fn running(
        rule: &ClockRule,
        since: DateTime<Utc>,
        left: i64,
        now: DateTime<Utc>,
        working: Working<'_>,
    ) -> Self {
        let (due_at, provisional) = rule.limit.end(since, left, working);
        let remind_at = rule
            .remind_minutes_before
            .and_then(|minutes| rule.limit.reminder(since, left, minutes, due_at, working))
            .filter(|at| *at > now && *at < due_at);
        let (timer, timer_at) = match remind_at {
            Some(at) => (CaseTimer::Remind, at),
            None => (CaseTimer::Limit, due_at),
        };
        let by_calendar = rule.limit.counting() != Counting::AnyTime;
        Self {
            since: Some(since),
            left: Some(left),
            due_at: Some(due_at),
            provisional,
            calendar_version: by_calendar.then_some(working.version),
            timer: Some(timer),
            timer_at: Some(timer_at),
        }
    }

    /// What is left of it at `now`, in milliseconds of its kind. `None` without a clock.
    ///
    /// Never more than there was, whatever the clock of the machine does, and never less than none.
    #[must_use]
    pub fn left_at(&self, limit: Limit, now: DateTime<Utc>, working: Working<'_>) -> Option<i64> {
        let (since, left) = (self.since?, self.left?);
        let spent = limit.spent(since, now, working);
        Some(left.saturating_sub(spent).clamp(0, left.max(0)))
    }
}

const DAY: i64 = 86_400_000;

fn minutes(count: u32) -> i64 {
    i64::from(count) * 60_000
}

impl Limit {
    /// How long it is, in milliseconds of its kind; a day is one whole day.
    #[must_use]
    pub fn milliseconds(self) -> i64 {
        match self {
            Self::WorkingMinutes(count) | Self::Minutes(count) => minutes(count),
            Self::WorkingDays(count) => i64::from(count) * DAY,
        }
    }

    /// When `left` of it after `since` is over, and whether a year was passed that is not known.
    #[must_use]
    pub fn end(
        self,
        since: DateTime<Utc>,
        left: i64,
        working: Working<'_>,
    ) -> (DateTime<Utc>, bool) {
        match self.counting() {
            // Nothing is left, whether anybody works now or not.
            Counting::WorkingTime if left <= 0 => (since, false),
            Counting::WorkingTime => {
                let length = TimeDelta::milliseconds(left);
                let due = working
                    .calendar
                    .add_working_time(since, length, working.hours);
                (due.at, due.provisional)
            }
            Counting::WorkingDays => {
                let days = u16::try_from(left.div_euclid(DAY)).unwrap_or(u16::MAX);
                let due = working.calendar.add_working_days(local_date(since), days);
                let after = due.at.checked_add_days(Days::new(1));
                (midnight(after.unwrap_or(due.at)), due.provisional)
            }
            Counting::AnyTime => (later(since, left), false),
        }
    }

    fn reminder(
        self,
        since: DateTime<Utc>,
        left: i64,
        before: u32,
        due_at: DateTime<Utc>,
        working: Working<'_>,
    ) -> Option<DateTime<Utc>> {
        let before = minutes(before);
        match self.counting() {
            Counting::WorkingTime => {
                (left > before).then(|| self.end(since, left - before, working).0)
            }
            Counting::WorkingDays | Counting::AnyTime => {
                due_at.checked_sub_signed(TimeDelta::milliseconds(before))
            }
        }
    }

    fn spent(self, since: DateTime<Utc>, now: DateTime<Utc>, working: Working<'_>) -> i64 {
        match self.counting() {
            Counting::WorkingTime => working
                .calendar
                .working_time_between(since, now, working.hours)
                .num_milliseconds(),
            Counting::WorkingDays => {
                let days = working
                    .calendar
                    .working_days_between(local_date(since), local_date(now));
                i64::from(days) * DAY
            }
            Counting::AnyTime => (now - since).num_milliseconds().max(0),
        }
    }
}

fn later(since: DateTime<Utc>, left: i64) -> DateTime<Utc> {
    let end = since.checked_add_signed(TimeDelta::milliseconds(left));
    end.unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// When a workflow decides that was to decide at `when`, of a case that was opened at `opened_at` and
/// whose limit was reached at `time_out`, after a clock that had `left` when it started. Never before that.
///
/// Where nothing was left, because the case came back after its time, no other day is waited for.
#[must_use]
pub fn decides_at(
    when: &When,
    opened_at: DateTime<Utc>,
    time_out: DateTime<Utc>,
    left: Option<i64>,
) -> DateTime<Utc> {
    let When::NextDay { time, from } = when else {
        return time_out;
    };
    let start = match from {
        Start::TimeOut => time_out,
        Start::Opening => opened_at,
    };
    let at = |days| {
        let day = local_date(start).checked_add_days(Days::new(days))?;
        let there = day.and_time(*time).and_local_timezone(CHINA).single()?;
        Some(there.to_utc())
    };
    let today = at(0).filter(|at| left == Some(0) && *at > time_out);
    let decides = today.or_else(|| at(1));
    decides.map_or(time_out, |at| at.max(time_out))
}

#[cfg(test)]
mod tests;
