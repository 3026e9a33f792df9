//! Use cases: keep the working calendar, and work deadlines out by it.

use std::sync::atomic::{AtomicI32, Ordering};

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use entity::{
    calendar_day, calendar_year,
    values::{Division, OfficeHours},
};
use metrics::counter;
use sea_orm::ConnectionTrait;

use super::{
    announced,
    error::Error,
    rules::{Calendar, Due, WeekException, YearDays, YearError},
    store,
};
use crate::{
    audit::{self, Actor, Event, Subject},
    deps::Deps,
    platform::{clock::local_date, db::begin_write},
};

/// What came of saving a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// It was not known.
    New,
    /// It was known otherwise. Deadlines that depend on it are out of date.
    Changed,
    /// It was known just so.
    Unchanged,
}

/// Keep the years that the product knows, but for those that are kept already: what an operator
/// saved stands.
pub async fn seed_calendar(deps: &Deps) -> Result<(), Error> {
    let kept = store::years(&deps.db, i32::MIN).await?;
    let is_missing = |days: &YearDays| kept.iter().all(|year| year.year != days.year);
    let missing: Vec<_> = announced::years().into_iter().filter(is_missing).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let now = deps.clock.now();
    let tx = begin_write(&deps.db).await?;
    let mut rows = Vec::new();
    for days in missing {
        if store::insert_year(&tx, year_row(&days, now, 1)).await? {
            rows.extend(day_rows(&days));
        }
    }
    store::insert_days(&tx, rows).await?;
    tx.commit().await?;
    Ok(())
}

/// Keep what was announced for a year, in place of what was known of it. Saving the same again does
/// nothing. Refused if nobody announces such a year.
pub async fn save_year(deps: &Deps, days: &YearDays) -> Result<Saved, Error> {
    days.check()?;
    let tx = begin_write(&deps.db).await?;
    let years = store::years_locked(&tx).await?;
    let before = years.iter().find(|year| year.year == days.year);
    if before.is_some_and(|before| before.source == days.source)
        && days_of(&tx, days.year).await? == days.exceptions()
    {
        return Ok(Saved::Unchanged);
    }
    let version = years.iter().map(|year| year.version).max().unwrap_or(0) + 1;
    store::put_year(&tx, year_row(days, deps.clock.now(), version)).await?;
    replace_days(&tx, days).await?;
    let event = Event::CalendarSaved {
        year: days.year,
        version,
    };
    audit::record(&tx, deps, Actor::Operator, Subject::Nobody, &event).await?;
    tx.commit().await?;
    Ok(if before.is_some() {
        Saved::Changed
    } else {
        Saved::New
    })
}

fn year_row(days: &YearDays, saved_at: DateTime<Utc>, version: i64) -> calendar_year::Model {
    calendar_year::Model {
        year: days.year,
        source: days.source.clone(),
        saved_at,
        version,
    }
}

async fn replace_days(db: &impl ConnectionTrait, days: &YearDays) -> Result<(), Error> {
    let (first, last) = span(days.year)?;
    store::remove_days(db, first, last).await?;
    Ok(store::insert_days(db, day_rows(days)).await?)
}

fn day_rows(days: &YearDays) -> Vec<calendar_day::Model> {
    let row = |WeekException { day, working }| calendar_day::Model { day, working };
    days.exceptions().into_iter().map(row).collect()
}

/// First and last day of `year`.
fn span(year: i32) -> Result<(NaiveDate, NaiveDate), YearError> {
    let first = NaiveDate::from_ymd_opt(year, 1, 1);
    let last = NaiveDate::from_ymd_opt(year, 12, 31);
    first.zip(last).ok_or(YearError::Implausible)
}

async fn days_of(db: &impl ConnectionTrait, year: i32) -> Result<Vec<WeekException>, Error> {
    let (first, last) = span(year)?;
    let rows = store::days(db, first, Some(last)).await?;
    Ok(rows.iter().map(exception).collect())
}

fn exception(row: &calendar_day::Model) -> WeekException {
    WeekException {
        day: row.day,
        working: row.working,
    }
}

/// What is kept of `year`; none if it was not announced.
pub async fn year(deps: &Deps, year: i32) -> Result<Option<YearDays>, Error> {
    let years = store::years(&deps.db, year).await?;
    let Some(kept) = years.into_iter().find(|kept| kept.year == year) else {
        return Ok(None);
    };
    let days = days_of(&deps.db, year).await?;
    let (worked, off): (Vec<_>, Vec<_>) = days.into_iter().partition(|day| day.working);
    Ok(Some(YearDays {
        year,
        source: kept.source,
        holidays: off.into_iter().map(|day| day.day).collect(),
        working_weekends: worked.into_iter().map(|day| day.day).collect(),
    }))
}

/// Grows whenever a year is added or changed. A provisional deadline that was worked out under a
/// lower version is out of date.
pub async fn calendar_version(db: &impl ConnectionTrait) -> Result<i64, Error> {
    let years = store::years(db, i32::MIN).await?;
    Ok(years.iter().map(|year| year.version).max().unwrap_or(0))
}

/// The calendar from the year of `day` on.
pub async fn calendar_from(db: &impl ConnectionTrait, day: NaiveDate) -> Result<Calendar, Error> {
    let first = NaiveDate::from_ymd_opt(day.year(), 1, 1).unwrap_or(day);
    let years = store::years(db, day.year()).await?;
    let days = store::days(db, first, None).await?;
    Ok(Calendar::new(
        years.into_iter().map(|year| year.year),
        days.iter().map(exception),
    ))
}

/// When offices of `division` work.
#[must_use]
pub fn office_hours_of<'a>(deps: &'a Deps, division: &Division) -> &'a OfficeHours {
    deps.regions.office_hours_of(division)
}

/// When `length` of the working time of `division` after `start` is over.
pub async fn working_time_after(
    db: &impl ConnectionTrait,
    deps: &Deps,
    division: &Division,
    start: DateTime<Utc>,
    length: TimeDelta,
) -> Result<Due<DateTime<Utc>>, Error> {
    let calendar = calendar_from(db, local_date(start)).await?;
    let due = calendar.add_working_time(start, length, office_hours_of(deps, division));
    note_deadline(due.provisional, due.at);
    Ok(due)
}

/// The last of `count` working days after `start`, which itself does not count.
pub async fn working_days_after(
    db: &impl ConnectionTrait,
    start: NaiveDate,
    count: u16,
) -> Result<Due<NaiveDate>, Error> {
    let due = calendar_from(db, start)
        .await?
        .add_working_days(start, count);
    note(due.provisional, due.at);
    Ok(due)
}

/// The year that this process warned of last.
static WARNED_OF: AtomicI32 = AtomicI32::new(0);

/// Raise the alarm over a deadline at `due` that is provisional: count it, and warn once of each year.
pub fn note_deadline(provisional: bool, due: DateTime<Utc>) {
    note(provisional, local_date(due));
}

fn note(provisional: bool, due: NaiveDate) {
    if !provisional {
        return;
    }
    counter!("calendar_provisional_total").increment(1);
    let year = due.year();
    if WARNED_OF.swap(year, Ordering::Relaxed) != year {
        tracing::warn!(
            year,
            "the holidays of {year} are not known: deadlines count its weekends only; \
             save them with `tongxing calendar save`"
        );
    }
}
