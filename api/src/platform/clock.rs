//! Time as an argument.

use std::fmt::Debug;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, SubsecRound, Utc};

/// Asia/Shanghai. There has been no daylight saving since 1991, so a fixed offset is exact.
pub const CHINA: FixedOffset = match FixedOffset::east_opt(8 * 3600) {
    Some(offset) => offset,
    None => panic!("eight hours are an offset"),
};

/// Where the time comes from. Rules get it as an argument, services ask their `Deps`.
pub trait Clock: Debug + Send + Sync {
    /// The present, cut to milliseconds so that every store keeps it exactly.
    fn now(&self) -> DateTime<Utc>;

    /// Today's civil date in Asia/Shanghai.
    fn today(&self) -> NaiveDate {
        local_date(self.now())
    }
}

/// The machine's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(3)
    }
}

/// The civil date in Asia/Shanghai at `at`.
#[must_use]
pub fn local_date(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&CHINA).date_naive()
}

/// When `day` begins in Asia/Shanghai.
#[must_use]
pub fn midnight(day: NaiveDate) -> DateTime<Utc> {
    let local = day.and_time(NaiveTime::MIN).and_local_timezone(CHINA);
    local
        .single()
        .map_or(DateTime::<Utc>::MIN_UTC, |local| local.to_utc())
}
